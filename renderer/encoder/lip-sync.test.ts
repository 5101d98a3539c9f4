import { expect, test } from 'vitest';
import { pictureHoldMs } from './lip-sync.ts';

test.each([
  ['nobody listens: a picture leaves at once', null, 0],
  ['an even model', 25, 71],
  ['a burst that waits long is not waited for', 110, 135],
])('%s', (_name, soundDelayMs, heldMs) => {
  expect(pictureHoldMs(soundDelayMs)).toBe(heldMs);
});
