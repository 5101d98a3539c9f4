import { describe, expect, test } from 'vitest';
import { DriftResampler } from './drift-resampler.ts';

const RATE_HZ = 48_000;

/** So many samples of a sine, at the ratios that are given piece by piece, in pieces of 480. */
function play(hz: number, ratios: readonly number[]): Float32Array {
  const resampler = new DriftResampler(1);
  let given = 0;
  const out = new Float32Array(ratios.length * 480);
  for (const [index, ratio] of ratios.entries()) {
    const samples = Int16Array.from({ length: resampler.missingSamples(480, ratio) }, (_, at) =>
      Math.round(20_000 * Math.sin((2 * Math.PI * hz * (given + at)) / RATE_HZ)),
    );
    given += samples.length;
    resampler.give(samples, 0, samples.length);
    const piece = new Float32Array(480);
    resampler.read(piece, 480, 480, ratio);
    out.set(piece, index * 480);
  }
  return out;
}

test('at a ratio of 1 samples come out as they went in', () => {
  const out = play(440, Array(10).fill(1));
  const given = Float32Array.from(
    out,
    (_, at) => Math.round(20_000 * Math.sin((2 * Math.PI * 440 * at) / RATE_HZ)) / 32_768,
  );
  expect(out.every((sample, at) => sample === given[at])).toBe(true);
});

describe('a sine stays a sine', () => {
  test.each([
    [440, 1.005],
    [440, 0.995],
    [8000, 1.005],
    [15_000, 0.992],
  ])('%d Hz at %d', (hz, ratio) => {
    const out = play(hz, Array(100).fill(ratio));
    // 70 dB below it.
    const limit = (20_000 / 32_768) * 10 ** (-70 / 20);
    const errors = out.map((sample, at) =>
      Math.abs(sample - (20_000 / 32_768) * Math.sin((2 * Math.PI * hz * at * ratio) / RATE_HZ)),
    );
    expect(Math.max(...errors.subarray(100))).toBeLessThan(limit);
  });

  test('also while the ratio changes: its phase never jumps', () => {
    const out = play(
      440,
      Array.from({ length: 200 }, (_, index) => 1 + 0.008 * Math.sin(index / 10)),
    );
    let largest = 0;
    for (let at = 1; at < out.length; at += 1)
      largest = Math.max(largest, Math.abs((out[at] ?? 0) - (out[at - 1] ?? 0)));
    expect(largest).toBeLessThan(((20_000 / 32_768) * 2 * Math.PI * 440 * 1.01) / RATE_HZ);
  });
});

test('channels stay apart', () => {
  const resampler = new DriftResampler(2);
  const samples = Int16Array.from({ length: 2000 }, (_, at) => (at % 2 === 0 ? 8192 : -4096));
  resampler.give(samples, 0, samples.length);
  const planes = new Float32Array(2 * 480);
  resampler.read(planes, 480, 480, 1.003);
  expect(planes[200]).toBeCloseTo(0.25, 3);
  expect(planes[480 + 200]).toBeCloseTo(-0.125, 3);
});
