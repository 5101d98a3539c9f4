import { expect, test } from 'vitest';
import { messageWords } from './message-words.ts';

test.each([
  [{ text: 'hello' }, 'hello'],
  [{ count: 3 }, 'count 3'],
  [{ x: 0.1 + 0.2, on: true, who: 'ann' }, 'x 0.3 · on true · who ann'],
  [{ at: [0.5, 1], more: { a: null } }, 'at [0.5,1] · more {"a":null}'],
  [{}, ''],
])('messageWords: %j', (data, words) => {
  expect(messageWords(data)).toBe(words);
});

test('messageWords: what is too long is cut', () => {
  expect(messageWords({ text: 'x'.repeat(9000) })).toHaveLength(2001);
});
