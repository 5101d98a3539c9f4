import { expect, test } from 'vitest';
import { StageTimes } from './stage-times.ts';

/** It left the page at 1 s of this clock, 1.5 ms after it had left the model. */
const arrival = { convertMs: 0.8, handOverMs: 1.5, leftPageMs: performance.timeOrigin + 1000 };
const unit = { captureUs: 7_000, key: false, bytes: 900 };

test('a picture is told once it is through, and counts in the figures then', () => {
  const times = new StageTimes();
  const stages = times.made(unit, arrival, 1002, 1010);
  expect(times.take(1020)).toEqual([]);
  expect(times.read(1020)).toMatchObject({ queue_ms: null, encode_ms: { p50: 8 } });
  if (stages) stages.send_ms = 0.5;
  const [told] = times.take(1030);
  expect(told).toMatchObject({
    ...{ capture_us: 7_000, convert_ms: 0.8, hand_over_ms: 1.5, encode_ms: 8, send_ms: 0.5 },
    ...{ key: false, bytes: 900 },
  });
  expect(told?.queue_ms).toBeCloseTo(2, 3);
  expect(times.take(1030)).toEqual([]);
  expect(times.read(1030)).toMatchObject({ convert_ms: { p50: 0.8 }, send_ms: { p95: 0.5 } });
});

test('one that nobody was sent holds up those behind it for a moment only', () => {
  const times = new StageTimes();
  times.made(unit, arrival, 1002, 1010);
  const second = times.made({ ...unit, captureUs: 40_000 }, arrival, 1035, 1043);
  if (second) second.send_ms = 1;
  expect(times.take(1100)).toEqual([]);
  expect(times.take(1300).map(({ capture_us, send_ms }) => [capture_us, send_ms])).toEqual([
    [7_000, null],
    [40_000, 1],
  ]);
});

test('the last picture again is no picture of the model: only its encoding counts', () => {
  const times = new StageTimes();
  expect(times.made(unit, undefined, 1002, 1010)).toBeUndefined();
  expect(times.take(2000)).toEqual([]);
  expect(times.read(2000)).toMatchObject({ encode_ms: { p50: 8 }, convert_ms: null });
});
