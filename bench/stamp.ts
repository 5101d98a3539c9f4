/**
 * Reads what bench/picture.py draws into the top of each picture: three rows of 32 cells, each a bit, two times side by side.
 *
 * @packageDocumentation
 */
export const STAMP_COLUMNS = 32;
export const STAMP_ROWS = 3;
/** How often the stamp stands there, side by side. */
export const STAMP_COPIES = 2;
/** The picture's height in rows of cells. */
export const STAMP_ROWS_PER_PICTURE = 30;
const SYNC_BYTE = 0xb2;
const STAMP_BYTES = (STAMP_COLUMNS * STAMP_ROWS) / 8;
/** Halfway between black (16) and white (235) of BT.601 limited range. */
const THRESHOLD = 125.5;

export interface Stamp {
  /** When the picture was drawn, by the source's CLOCK_MONOTONIC in microseconds. */
  timeUs: number;
  /** The picture's number, from 0. */
  index: number;
}

/** How many rows of samples of a picture of this height the stamp covers: what to read, and what PSNR leaves out. */
export function stampHeight(pictureHeight: number): number {
  return Math.ceil((STAMP_ROWS * pictureHeight) / STAMP_ROWS_PER_PICTURE);
}

/**
 * Reads the stamp from luma.
 *
 * @param luma 8-bit samples, the first `stampHeight(height)` rows of the picture at least.
 * @param stride Samples from one row to the next.
 * @param width Width of the whole picture in samples, of any scale.
 * @param height Height of the whole picture in samples.
 * @returns Null where there is no stamp, or only what the checksums show to be damaged.
 */
export function readStamp(luma: Uint8Array, stride: number, width: number, height: number): Stamp | null {
  for (let copy = 0; copy < STAMP_COPIES; copy += 1) {
    const bytes = new Uint8Array(STAMP_BYTES);
    for (let bit = 0; bit < STAMP_BYTES * 8; bit += 1) {
      const row = Math.floor(bit / STAMP_COLUMNS);
      const column = copy * STAMP_COLUMNS + (bit % STAMP_COLUMNS);
      if (cellMean(luma, stride, width, height, row, column) > THRESHOLD) {
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
      }
    }
    const stamp = parseStamp(bytes);
    if (stamp) return stamp;
  }
  return null;
}

/** Takes the 12 bytes of a stamp apart. */
export function parseStamp(bytes: Uint8Array): Stamp | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, STAMP_BYTES);
  if (view.getUint8(0) !== SYNC_BYTE || view.getUint16(10) !== crc16(bytes.subarray(0, 10))) return null;
  return {
    timeUs: view.getUint16(1) * 2 ** 32 + view.getUint32(3),
    index: view.getUint16(7) * 2 ** 8 + view.getUint8(9),
  };
}

/** The mean of the middle of a cell: compression and scaling blur its edges. */
function cellMean(
  luma: Uint8Array,
  stride: number,
  width: number,
  height: number,
  row: number,
  column: number,
): number {
  const [cellWidth, cellHeight] = [width / (STAMP_COPIES * STAMP_COLUMNS), height / STAMP_ROWS_PER_PICTURE];
  const left = Math.floor((column + 1 / 3) * cellWidth);
  const top = Math.floor((row + 1 / 3) * cellHeight);
  const right = Math.max(left + 1, Math.ceil((column + 2 / 3) * cellWidth));
  const bottom = Math.max(top + 1, Math.ceil((row + 2 / 3) * cellHeight));
  let sum = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) sum += luma[y * stride + x] ?? 0;
  }
  return sum / ((right - left) * (bottom - top));
}

/** CRC-16 of CCITT's polynomial, begun with 0xFFFF: Python's `binascii.crc_hqx(bytes, 0xffff)`. */
function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}
