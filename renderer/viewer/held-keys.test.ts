import { expect, test } from 'vitest';
import { HeldKeys } from './held-keys.ts';

const w = { key: 'w', code: 'KeyW' };

test('a press is told once, however often the browser repeats it', () => {
  const keys = new HeldKeys();
  expect(keys.press(w)).toEqual(w);
  expect(keys.press(w)).toBeUndefined();
  expect(keys.release(w)).toEqual(w);
  expect(keys.release(w)).toBeUndefined();
});

test('a key is released as it was pressed, whatever Shift has made of it since', () => {
  const keys = new HeldKeys();
  keys.press({ key: 'W', code: 'KeyW' });
  expect(keys.release(w)).toEqual({ key: 'W', code: 'KeyW' });
});

test('all at once, for a page that loses the keyboard', () => {
  const keys = new HeldKeys();
  keys.press(w);
  keys.press({ key: ' ', code: '' });
  expect(keys.releaseAll()).toEqual([w, { key: ' ', code: '' }]);
  expect(keys.releaseAll()).toEqual([]);
});
