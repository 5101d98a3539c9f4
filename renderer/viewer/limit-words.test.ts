import { expect, test } from 'vitest';
import { limitWords } from './limit-words.ts';

test.each([
  [{ le: 4 }, 'speed ≤ 4'],
  [{ gt: 0, lt: 1.5 }, 'speed > 0, speed < 1.5'],
  [{ max_length: 20 }, 'speed: at most 20 long'],
  [{ choices: ['fire', 2] }, 'speed: fire, 2'],
  [{ type: 'number' }, 'speed: type number'],
  [{}, ''],
])('limitWords: %j', (limit, words) => {
  expect(limitWords('speed', limit)).toBe(words);
});
