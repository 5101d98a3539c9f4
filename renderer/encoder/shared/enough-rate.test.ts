import { expect, test } from 'vitest';
import { enoughBps } from './enough-rate.ts';

test.each([
  ['vp9', 1280, 720, 30, 4_976_640],
  ['h264', 1280, 720, 30, 9_953_280],
  ['vp9', 1920, 1080, 30, 11_197_440],
  ['vp9', 1280, 720, 60, 9_953_280],
  ['vp9', 160, 120, 30, 1_000_000],
] as const)('%s %ix%i at %i fps has enough with %i', (codec, width, height, fps, expected) => {
  expect(enoughBps(codec, width, height, fps)).toBe(expected);
});
