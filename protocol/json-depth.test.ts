import { expect, test } from 'vitest';
import { isDeeper } from './json-depth.ts';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

test.each<[unknown, number, boolean]>([
  [1, 0, false],
  [null, 0, false],
  [{}, 0, true],
  [{ a: [1] }, 2, false],
  [{ a: 1, b: [{}] }, 2, true],
  [nested(64), 64, false],
  [nested(100_000), 64, true],
])('%# is told', (value, levels, expected) => {
  expect(isDeeper(value, levels)).toBe(expected);
});
