import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

test('crashes in a row wait twice as long each, up to 30 s', () => {
  const backoff = new Backoff();
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => backoff.nextDelayMs(100))).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
});

test('a minute of running starts anew', () => {
  const backoff = new Backoff();
  backoff.nextDelayMs(100);
  backoff.nextDelayMs(59_999);
  expect(backoff.nextDelayMs(60_000)).toBe(500);
  expect(backoff.nextDelayMs(0)).toBe(1000);
});
