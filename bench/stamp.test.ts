import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readStamp, stampHeight } from './stamp.ts';

const picturePy = fileURLToPath(new URL('picture.py', import.meta.url));
const python = fileURLToPath(
  new URL(
    process.platform === 'win32' ? '../.venv/Scripts/python.exe' : '../.venv/bin/python',
    import.meta.url,
  ),
);
// Above 2^32, where 32-bit arithmetic would cut it.
const TIME_US = 187_654_321_012_345;

/** The luma of a picture as the source draws it. */
function drawn(width: number, height: number, index: number): Uint8Array {
  const args = [picturePy, 'picture', width, height, index, TIME_US].map(String);
  const result = spawnSync(python, args, { maxBuffer: 16 * 1024 * 1024 });
  expect(result.stderr.toString()).toBe('');
  return new Uint8Array(result.stdout);
}

/** Mean of blocks: what a scaler does when the encoder lowers the resolution. */
function scaledDown(luma: Uint8Array, width: number, height: number, factor: number): Uint8Array {
  const out = new Uint8Array((width / factor) * (height / factor));
  for (let at = 0; at < out.length; at += 1) {
    const [x, y] = [at % (width / factor), Math.floor(at / (width / factor))];
    let sum = 0;
    for (let dy = 0; dy < factor; dy += 1) {
      for (let dx = 0; dx < factor; dx += 1) sum += luma[(y * factor + dy) * width + x * factor + dx] ?? 0;
    }
    out[at] = sum / factor ** 2;
  }
  return out;
}

describe('readStamp', () => {
  const index = 0x89_abcd;
  const luma = drawn(1280, 720, index);

  it('reads what picture.py draws', () => {
    expect(readStamp(luma, 1280, 1280, 720)).toEqual({ timeUs: TIME_US, index });
  });

  it('reads it at 1080p, where cells are 30 x 36', () => {
    expect(readStamp(drawn(1920, 1080, 7), 1920, 1920, 1080)).toEqual({ timeUs: TIME_US, index: 7 });
  });

  it('reads a picture scaled to a quarter', () => {
    expect(readStamp(scaledDown(luma, 1280, 720, 4), 320, 320, 180)).toEqual({ timeUs: TIME_US, index });
  });

  it('needs no more rows than stampHeight says', () => {
    const strip = luma.subarray(0, 1280 * stampHeight(720));
    expect(readStamp(strip, 1280, 1280, 720)).toEqual({ timeUs: TIME_US, index });
  });

  it('reads through noise of 60 levels', () => {
    let seed = 1;
    const noisy = luma.map((sample) => {
      seed = (seed * 48_271) % 0x7fff_ffff;
      return Math.max(0, Math.min(255, sample + (seed % 121) - 60));
    });
    expect(readStamp(noisy, 1280, 1280, 720)).toEqual({ timeUs: TIME_US, index });
  });

  /** The luma with one cell of row 0 turned over. */
  function damaged(of: Uint8Array, column: number): Uint8Array {
    const copy = of.slice();
    const flipped = (copy[12 * 1280 + column * 20 + 10] ?? 0) > 125 ? 16 : 235;
    for (let y = 0; y < 24; y += 1) copy.fill(flipped, y * 1280 + column * 20, y * 1280 + (column + 1) * 20);
    return copy;
  }

  it('reads the one copy when the other is damaged', () => {
    expect(readStamp(damaged(luma, 15), 1280, 1280, 720)).toEqual({ timeUs: TIME_US, index });
    expect(readStamp(damaged(luma, 47), 1280, 1280, 720)).toEqual({ timeUs: TIME_US, index });
  });

  it('refuses a picture without a stamp, and one with both copies damaged', () => {
    expect(readStamp(new Uint8Array(1280 * 72).fill(16), 1280, 1280, 720)).toBeNull();
    expect(readStamp(damaged(damaged(luma, 15), 47), 1280, 1280, 720)).toBeNull();
  });
});
