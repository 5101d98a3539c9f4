import { expect, test } from 'vitest';
import { EncoderWatch } from './encoder-watch.ts';

test.each([
  ['just opened, not connected yet', { connected: false, heardMs: 0, openedMs: 99_000 }, undefined],
  ['never connects', { connected: false, heardMs: 0, openedMs: 79_000 }, 'does not connect'],
  ['connected and talking', { connected: true, heardMs: 99_500, openedMs: 0 }, undefined],
  ['connected and silent', { connected: true, heardMs: 85_000, openedMs: 0 }, 'silent for 15 s'],
  ['silent, but reopened a moment ago', { connected: true, heardMs: 85_000, openedMs: 99_000 }, undefined],
])('%s', (_, state, reason) => {
  expect(new EncoderWatch().look(100_000, state)).toBe(reason);
});

test('after a sleep of the machine the page gets its time to talk', () => {
  const watch = new EncoderWatch();
  const state = { connected: true, heardMs: 1000, openedMs: 0 };
  expect(watch.look(2000, state)).toBeUndefined();
  expect(watch.look(3_600_000, state)).toBeUndefined();
  expect(watch.look(3_601_000, state)).toBe('silent for 3600 s');
});
