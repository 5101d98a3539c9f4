import { expect, test } from 'vitest';
import { SentRate } from './sent-rate.ts';

/** Reads a counter every 50 ms that grows by so many bytes each time. */
function read(steps: number[]): SentRate {
  const sent = new SentRate();
  let bytes = 0;
  for (const [at, step] of steps.entries()) {
    bytes += step;
    sent.add(bytes, at * 50);
  }
  return sent;
}

test('the rate of the last second, and nothing before there are two readings', () => {
  expect(new SentRate().bps).toBe(0);
  expect(read([5000]).bps).toBe(0);
  expect(read(Array(40).fill(5000)).bps).toBe(800_000);
});

test('a key frame is a burst, what goes on evenly or stops is none', () => {
  const even = Array(20).fill(5000);
  expect(read(even).isBurst).toBe(false);
  expect(read([...even, 80_000, 5000]).isBurst).toBe(true);
  expect(read([...even, 0, 0, 0]).isBurst).toBe(false);
});
