import { Packr } from 'msgpackr';
import { MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES } from './limits.ts';

/**
 * The layout of every WebSocket message between our processes:
 *
 * ```
 * u32 little-endian  header length in bytes
 * header             one msgpack map, its "type" names the message
 * payload            the rest: picture or sound, empty for most messages
 * ```
 *
 * Maps are plain (msgpackr's record extension is off: Python could not read it) and written as short as Python writes
 * them; 64-bit integers are numbers (a microsecond stamp passes 2^32 after 71.6 minutes and 2^53 after 285 years).
 *
 * Source: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * @packageDocumentation
 */
const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  int64AsType: 'number',
  encodeUndefinedAsNil: true,
});

const LENGTH_BYTES = 4;
const MAX_U32 = 0xffff_ffff;

/** Thrown for bytes that are not a message of ours. The peer that sent them is to be disconnected. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** A message taken apart. The header is not validated yet; the payload is a view into the message, not a copy. */
export interface RawMessage {
  header: unknown;
  payload: Uint8Array;
}

/** Puts a header and an optional payload into one message. */
export function encodeMessage(header: object, payload?: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = packr.pack(wideIntegers(header));
  if (head.byteLength > MAX_HEADER_BYTES) {
    throw new WireError(`header of ${head.byteLength} bytes, at most ${MAX_HEADER_BYTES} allowed`);
  }
  const payloadBytes = payload?.byteLength ?? 0;
  if (payloadBytes > MAX_PAYLOAD_BYTES) {
    throw new WireError(`payload of ${payloadBytes} bytes, at most ${MAX_PAYLOAD_BYTES} allowed`);
  }
  const message = new Uint8Array(LENGTH_BYTES + head.byteLength + payloadBytes);
  new DataView(message.buffer).setUint32(0, head.byteLength, true);
  message.set(head, LENGTH_BYTES);
  if (payload) message.set(payload, LENGTH_BYTES + head.byteLength);
  return message;
}

/** Takes a message apart. @throws WireError when the bytes are cut short or not msgpack. */
export function decodeMessage(message: Uint8Array): RawMessage {
  if (message.byteLength < LENGTH_BYTES) {
    throw new WireError(`message of ${message.byteLength} bytes has no header length`);
  }
  const headerBytes = new DataView(message.buffer, message.byteOffset, LENGTH_BYTES).getUint32(0, true);
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new WireError(`header of ${headerBytes} bytes, at most ${MAX_HEADER_BYTES} allowed`);
  }
  const payloadStart = LENGTH_BYTES + headerBytes;
  if (message.byteLength < payloadStart) {
    throw new WireError(`header of ${headerBytes} bytes, only ${message.byteLength - LENGTH_BYTES} came`);
  }
  const payload = message.subarray(payloadStart);
  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    throw new WireError(`payload of ${payload.byteLength} bytes, at most ${MAX_PAYLOAD_BYTES} allowed`);
  }
  let header: unknown;
  try {
    header = packr.unpack(message.subarray(LENGTH_BYTES, payloadStart));
  } catch (cause) {
    throw new WireError('header is not msgpack', { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new WireError('header is not a map');
  }
  return { header, payload };
}

/** msgpackr writes integers above 2^32 as doubles, which an integer field in Python refuses: hand them over as bigint. */
function wideIntegers(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && Math.abs(value) > MAX_U32 ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return value.map(wideIntegers);
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, wideIntegers(entry)]));
  }
  return value;
}
