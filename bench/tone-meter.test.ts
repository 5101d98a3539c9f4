import { expect, test } from 'vitest';
import { ToneMeter } from './tone-meter.ts';

const RATE_HZ = 48_000;

/** `change` may do something to the samples before they are measured in blocks of 10 ms. */
function measure(
  seconds: number,
  hz: number,
  change: (samples: Float32Array) => Float32Array = (same) => same,
) {
  const samples = Float32Array.from(
    { length: seconds * RATE_HZ },
    (_, at) => 0.5 * Math.sin((2 * Math.PI * hz * at) / RATE_HZ),
  );
  const meter = new ToneMeter(440, RATE_HZ);
  const changed = change(samples);
  for (let from = 0; from < changed.length; from += 480) meter.add(changed.subarray(from, from + 480));
  return meter.report();
}

test.each([440, 442.2, 437.8])('%d Hz undisturbed is even, and its frequency is told', (hz) => {
  const { seconds, hz: heard, amplitude, gapMs, unevenPlaces, largestStep } = measure(5, hz);
  expect(seconds).toBe(5);
  expect(heard).toBeCloseTo(hz, 1);
  expect(amplitude).toBeCloseTo(0.5, 2);
  expect([gapMs, unevenPlaces]).toEqual([0, 0]);
  expect(largestStep).toBeCloseTo(1, 1);
});

test('a gap, a cut and a click are seen', () => {
  const gap = measure(3, 440, (samples) => samples.fill(0, 48_000, 48_000 + 1440));
  expect(gap.gapMs).toBe(30);
  expect(gap.unevenPlaces).toBe(1);
  const cut = measure(3, 440, (samples) => {
    const shorter = new Float32Array(samples.length - 60);
    shorter.set(samples.subarray(0, 48_000));
    shorter.set(samples.subarray(48_060), 48_000);
    return shorter;
  });
  expect(cut).toMatchObject({ gapMs: 0, unevenPlaces: 1 });
  expect(cut.largestStep).toBeGreaterThan(2);
  const click = measure(3, 440, (samples) => samples.fill(0.9, 50_000, 50_001));
  expect(click.largestStep).toBeGreaterThan(5);
});
