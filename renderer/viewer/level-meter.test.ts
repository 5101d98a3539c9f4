import { expect, test } from 'vitest';
import { litBars } from './level-meter.ts';

test('litBars: silence lights none, full scale all 24, in between by decibels', () => {
  expect([-100, -54, -27, 0, 3].map(litBars)).toEqual([0, 0, 12, 24, 24]);
});
