import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseRingArgument, readSlot } from './ring.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ring-test-'));
const ring = { path: path.join(folder, 'ring'), slot_bytes: 16, slots: 4 };
let fd = -1;

beforeAll(() => {
  // Slot 3 is cut short, as in a file that its writer has not grown yet.
  writeFileSync(
    ring.path,
    Uint8Array.from({ length: 3 * 16 + 8 }, (_, at) => at),
  );
  fd = openSync(ring.path, 'r');
});

afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

test.each([
  [0, 4, [0, 1, 2, 3]],
  [2, 3, [32, 33, 34]],
  [2, 16, Array.from({ length: 16 }, (_, at) => 32 + at)],
  [3, 8, Array.from({ length: 8 }, (_, at) => 48 + at)],
])('slot %d, %d bytes', (slot, bytes, expected) => {
  expect([...new Uint8Array(readSlot(fd, ring, slot, bytes))]).toEqual(expected);
});

test.each([
  [-1, 4, 'slot -1 of 4'],
  [4, 4, 'slot 4 of 4'],
  [0.5, 4, 'slot 0.5 of 4'],
  ['0', 4, 'slot 0 of 4'],
  [0, 0, '0 bytes of a slot of 16'],
  [0, 17, '17 bytes of a slot of 16'],
  [0, undefined, 'undefined bytes of a slot of 16'],
  [3, 9, 'the ring file ends inside slot 3'],
])('slot %j, %j bytes: %s', (slot, bytes, message) => {
  expect(() => readSlot(fd, ring, slot, bytes)).toThrow(new RangeError(message));
});

test('the ring is named by an argument, base64 of JSON', () => {
  const argument = `--reactor-ring=${Buffer.from(JSON.stringify(ring)).toString('base64')}`;
  expect(parseRingArgument(['electron', '--type=renderer', argument])).toEqual(ring);
  expect(parseRingArgument(['electron'])).toBeUndefined();
  expect(() =>
    parseRingArgument([`--reactor-ring=${Buffer.from('{"slots":-1}').toString('base64')}`]),
  ).toThrow();
});
