import { describe, expect, test } from 'vitest';
import { RateFollow, rateWeight, shareRate } from './rate-follow.ts';

const limits = { startBps: 4_000_000, minBps: 500_000, maxBps: 10_000_000 };

/** Feeds `[nowMs, allowedBps]` and tells what was configured each time, in kbps; `-` for nothing. */
function run(steps: [number, number | null][]): string {
  const rate = new RateFollow(limits);
  return steps
    .map(([nowMs, allowed]) => rate.update(allowed, nowMs))
    .map((bps) => (bps === null ? '-' : String(Math.round(bps / 1000))))
    .join(' ');
}

describe('rate follow', () => {
  test.each<[string, [number, number | null][], string]>([
    [
      'stays at the start without an estimate',
      [
        [0, null],
        [1000, null],
      ],
      '- -',
    ],
    [
      'small changes are left alone',
      [
        [0, 3_900_000],
        [1000, 4_200_000],
      ],
      '- -',
    ],
    [
      'falls at once, and again',
      [
        [0, 2_000_000],
        [10, 1_000_000],
      ],
      '2000 1000',
    ],
    [
      'rises every 300 ms',
      [
        [0, 6_000_000],
        [200, 9_000_000],
        [300, 9_000_000],
      ],
      '6000 - 9000',
    ],
    [
      'rises by no more than the double',
      [
        [0, 1_000_000],
        [1000, 9_000_000],
        [2000, 9_000_000],
        [3000, 9_000_000],
        [4000, 9_000_000],
      ],
      '1000 2000 4000 8000 9000',
    ],
    [
      'falls in the second after a rise',
      [
        [0, 8_000_000],
        [100, 3_000_000],
      ],
      '8000 3000',
    ],
    [
      'keeps within the limits',
      [
        [0, 100_000],
        [1000, 50_000_000],
        [2000, 50_000_000],
        [3000, 50_000_000],
        [4000, 50_000_000],
        [5000, 50_000_000],
      ],
      '100 200 400 800 1600 3200',
    ],
  ])('%s', (_name, steps, expected) => {
    expect(run(steps)).toBe(expected);
  });

  test('an encoder that makes a third too much is told less, and more again when it no longer does', () => {
    const rate = new RateFollow(limits);
    for (let at = 0; at < 6; at += 1) rate.measured(rate.setBps * 1.33);
    expect(rate.update(4_000_000, 0)).toBeCloseTo(4_000_000 / 1.325, -5);
    for (let at = 0; at < 60; at += 1) rate.measured(rate.setBps);
    expect(rate.update(4_000_000, 5000)).toBeCloseTo(4_000_000, -5);
  });

  test('what is measured too low is no reason to raise', () => {
    const rate = new RateFollow(limits);
    for (let at = 0; at < 60; at += 1) rate.measured(100_000);
    expect(rate.update(4_000_000, 0)).toBeNull();
  });
});

describe('share of a connection', () => {
  const claim = (weight: number, mostBps = Number.POSITIVE_INFINITY) => ({ weight, mostBps });
  test('one track has it all, less audio and overhead', () => {
    expect(shareRate(1_000_000, 100_000, [claim(5)])).toEqual([780_000]);
  });
  test('a track of a quarter of the samples gets about a third of the other', () => {
    const [large = 0, small = 0] = shareRate(4_000_000, 0, [
      claim(rateWeight(1280, 720)),
      claim(rateWeight(640, 360)),
    ]);
    expect(large / small).toBeCloseTo(2.83, 2);
    expect(large + small).toBeCloseTo(3_520_000);
  });
  test('what a track has no use for goes to the others, by their weights', () => {
    const claims = [claim(1, 200_000), claim(2), claim(6, 500_000), claim(1)];
    expect(shareRate(2_500_000, 0, claims)).toEqual([200_000, 1_000_000, 500_000, 500_000]);
  });
  test('more than enough for all is handed out all the same', () => {
    expect(shareRate(2_500_000, 200_000, [claim(1, 500_000), claim(3, 500_000)])).toEqual([
      750_000, 1_250_000,
    ]);
  });
  test('equal shares while no size is known, nothing below zero', () => {
    expect(shareRate(1000, 50_000, [claim(0), claim(0)])).toEqual([0, 0]);
    expect(shareRate(1_000_000, 0, [claim(0), claim(0)])).toEqual([440_000, 440_000]);
  });
});
