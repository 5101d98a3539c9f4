import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { beat, untilBeatMs } from './beat.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test.each([
  ['in the middle', 1000, 2400, 600],
  ['at the beat', 1000, 3000, 1000],
  ['fired a little early', 1000, 2999.5, 1000.5],
  ['a little late', 1000, 3000.5, 999.5],
])('%s', (_, periodMs, nowMs, leftMs) => expect(untilBeatMs(periodMs, nowMs)).toBeCloseTo(leftMs, 6));

test('periods that are parts of each other meet, whenever they began', () => {
  const calls: string[] = [];
  const note = (name: string) => () => void calls.push(`${name} ${performance.now()}`);
  const stopSlow = beat(1000, note('slow'));
  vi.advanceTimersByTime(130);
  const stopFast = beat(500, note('fast'));
  vi.advanceTimersByTime(1900);
  stopSlow();
  stopFast();
  vi.advanceTimersByTime(5000);
  expect(calls.sort()).toEqual(['fast 1000', 'fast 1500', 'fast 2000', 'fast 500', 'slow 1000', 'slow 2000']);
});
