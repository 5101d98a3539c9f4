import { readSync } from 'node:fs';
import { type Ring, ring as ringSchema } from '../protocol/hello.ts';

const ARGUMENT = '--reactor-ring=';

/** The ring that main named: `--reactor-ring=` and base64 of JSON `{path, slot_bytes, slots}`; undefined without one. */
export function parseRingArgument(argv: readonly string[]): Ring | undefined {
  const argument = argv.find((each) => each.startsWith(ARGUMENT));
  if (argument === undefined) return undefined;
  return ringSchema.parse(
    JSON.parse(Buffer.from(argument.slice(ARGUMENT.length), 'base64').toString('utf8')),
  );
}

/**
 * A copy of the first `bytes` bytes of a slot.
 *
 * @throws RangeError for a slot or a length outside of the ring, and for a ring file that ends before it
 */
export function readSlot(fd: number, ring: Ring, slot: unknown, bytes: unknown): ArrayBuffer {
  if (!isIntegerIn(slot, 0, ring.slots - 1)) throw new RangeError(`slot ${String(slot)} of ${ring.slots}`);
  if (!isIntegerIn(bytes, 1, ring.slot_bytes)) {
    throw new RangeError(`${String(bytes)} bytes of a slot of ${ring.slot_bytes}`);
  }
  const buffer = new ArrayBuffer(bytes);
  const target = new Uint8Array(buffer);
  let done = 0;
  // read(2) may return less than was asked for.
  while (done < bytes) {
    const count = readSync(fd, target, done, bytes - done, slot * ring.slot_bytes + done);
    if (count === 0) throw new RangeError(`the ring file ends inside slot ${slot}`);
    done += count;
  }
  return buffer;
}

function isIntegerIn(value: unknown, low: number, high: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high;
}
