import { expect, test } from 'vitest';
import { ClockMatch } from './clock-match.ts';

/** The model's clock is 5 s ahead; times in microseconds. */
const AHEAD = 5_000_000;

test('the offset is that of the shortest of the recent round trips', () => {
  const match = new ClockMatch();
  expect(match.offsetUs).toBeNull();
  // 10 ms there, 2 ms back: off by 4 ms.
  match.add(1000, AHEAD + 11_000, 13_000);
  expect(match.offsetUs).toBe(AHEAD + 4000);
  match.add(100_000, AHEAD + 100_500, 101_000);
  expect(match.offsetUs).toBe(AHEAD);
  // A longer one changes nothing while the short one is recent ...
  for (let at = 1; at <= 15; at += 1) match.add(at * 1e6, AHEAD + at * 1e6 + 9000, at * 1e6 + 10_000);
  expect(match.offsetUs).toBe(AHEAD);
  // ... and counts once it is not.
  match.add(20e6, AHEAD + 20e6 + 9000, 20e6 + 10_000);
  expect(match.offsetUs).toBe(AHEAD + 4000);
  match.reset();
  expect(match.offsetUs).toBeNull();
});

test('an answer from the future is not taken', () => {
  const match = new ClockMatch();
  match.add(2000, 0, 1000);
  expect(match.offsetUs).toBeNull();
});
