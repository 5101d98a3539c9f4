import { describe, expect, test } from 'vitest';
import { FrameRateLadder } from './frame-rate-ladder.ts';

describe('every n-th picture', () => {
  test.each([
    [1_000_000, 1_000_000, 1, 1],
    [1_000_000, 999_000, 1, 2],
    [1_000_000, 300_000, 1, 4],
    [1_000_000, 10_000, 1, 6],
    [1_000_000, 5_000_000, 0.34, 3],
  ])('%d bps needed, %d there, time for %d of them: n is %d', (needed, rate, scale, every) => {
    expect(new FrameRateLadder(30).update(needed, rate, 0, scale)).toBe(every);
  });

  test('fewer at once, more again after three seconds with a third to spare', () => {
    const ladder = new FrameRateLadder(30);
    const at = (nowMs: number, rateBps: number) => ladder.update(1_000_000, rateBps, nowMs);
    expect(at(0, 300_000)).toBe(4);
    expect(at(100, 340_000)).toBe(4);
    expect(at(3200, 340_000)).toBe(4);
    expect(at(3300, 2_000_000)).toBe(4);
    expect(at(6200, 2_000_000)).toBe(4);
    expect(at(6300, 2_000_000)).toBe(1);
  });

  test('goes by stamps, with room for a model that is not even', () => {
    const ladder = new FrameRateLadder(30);
    ladder.update(1_000_000, 500_000, 0);
    const stampsMs = [0, 33, 60, 95, 140, 160, 200];
    expect(stampsMs.filter((ms) => ladder.takes(ms * 1000))).toEqual([0, 60, 140, 200]);
    expect(ladder.takes(5000), 'a new process begins at 0').toBe(true);
  });
});
