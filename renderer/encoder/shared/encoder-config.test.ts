import { expect, test } from 'vitest';
import type { VideoCodec } from '../../../protocol/hello.ts';
import { codecString, largestSize } from './encoder-config.ts';

test.each<[VideoCodec, number, number, number, number, string]>([
  ['vp8', 1280, 720, 30, 4e6, 'vp8'],
  ['vp9', 1280, 720, 30, 4e6, 'vp09.00.31.08'],
  ['vp9', 1920, 1080, 30, 10e6, 'vp09.00.40.08'],
  ['vp9', 3840, 2160, 60, 20e6, 'vp09.00.51.08'],
  ['vp9', 5, 3, 30, 1e6, 'vp09.00.30.08'],
  ['h264', 1280, 720, 30, 10e6, 'avc1.42e01f'],
  ['h264', 1280, 720, 60, 10e6, 'avc1.42e020'],
  ['h264', 1920, 1080, 30, 10e6, 'avc1.42e028'],
  ['h264', 1920, 1080, 60, 10e6, 'avc1.42e02a'],
  ['h264', 3840, 2160, 30, 10e6, 'avc1.42e033'],
  ['h264', 7680, 4320, 30, 10e6, 'avc1.42e03c'],
  ['av1', 1280, 720, 30, 4e6, 'av01.0.05M.08'],
  ['av1', 3840, 2160, 30, 10e6, 'av01.0.12M.08'],
  ['av1', 16_000, 16_000, 120, 10e6, 'av01.0.19M.08'],
  ['h264', 1280, 720, 30, 60e6, 'avc1.42e032'],
  ['h265', 1280, 720, 30, 4e6, 'hev1.1.6.L93.B0'],
  ['h265', 1920, 1080, 60, 10e6, 'hev1.1.6.L123.B0'],
  ['h265', 3840, 2160, 60, 10e6, 'hev1.1.6.L153.B0'],
])('%s %ix%i at %i fps and %d bps is %s', (codec, width, height, fps, bitrateBps, expected) => {
  expect(codecString(codec, { width, height, fps, bitrateBps })).toBe(expected);
});

test.each<[VideoCodec, number, number, number, number]>([
  ['h264', 3840, 2160, 3840, 2160],
  ['h264', 4096, 2304, 4096, 2304],
  ['h264', 7680, 4320, 3840, 2160],
  ['h264', 4320, 7680, 2160, 3840],
  ['h264', 16_382, 1000, 12_286, 750],
  ['h264', 642, 362, 642, 362],
  ['vp9', 7680, 4320, 7680, 4320],
])('%s takes %ix%i as %ix%i', (codec, width, height, widthMost, heightMost) => {
  expect(largestSize(codec, { width, height })).toEqual({ width: widthMost, height: heightMost });
});
