import { expect, test } from 'vitest';
import { sparklinePaths } from './sparkline.ts';

test.each([
  ['nothing', [], ''],
  ['one value is no line', [5], ''],
  ['fills from the right, highest below the top', [10, 5], 'M75 9.1L100 54.5'],
  ['a gap splits the line', [10, 10, null, 10, 10], 'M0 9.1L25 9.1M75 9.1L100 9.1'],
  ['zeros lie on the ground', [0, 0], 'M75 100L100 100'],
])('sparklinePaths: %s', (_, values, line) => {
  expect(sparklinePaths(values, 5, 100, 100).line).toBe(line);
});

test('sparklinePaths: the area stands on the ground', () => {
  expect(sparklinePaths([10, 5], 5, 100, 100).area).toBe('M75 100L75 9.1L100 54.5L100 100Z');
});
