import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

test('so many at once, then so many a second', () => {
  const limit = new RateLimit(3, 2);
  expect([0, 0, 0, 0].map((nowMs) => limit.take(1, nowMs))).toEqual([true, true, true, false]);
  expect([499, 500, 501, 1000].map((nowMs) => limit.take(1, nowMs))).toEqual([false, true, false, true]);
  expect([60_000, 60_000, 60_000, 60_000].map((nowMs) => limit.take(1, nowMs))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('what costs more than is there takes nothing', () => {
  const limit = new RateLimit(3, 1);
  expect([limit.take(4, 0), limit.take(2, 0), limit.take(2, 0), limit.take(1, 0)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});
