import { describe, expect, it } from 'vitest';
import { psnrDb, type Reference } from './psnr.ts';

const reference: Reference = {
  luma: new Uint8Array(24 * 4).map((_, at) => (at * 37) % 200),
  width: 24,
  pictureWidth: 8,
  pictureHeight: 4,
};

/** What the source draws as picture `index`, with `error` added to each sample, in rows of `stride`. */
function picture(index: number, error: number, stride = 8): Uint8Array {
  const luma = new Uint8Array(stride * 4);
  for (let y = 0; y < 4; y += 1) {
    for (let x = 0; x < 8; x += 1) {
      luma[y * stride + x] = (reference.luma[y * 24 + ((index * 3) % 16) + x] ?? 0) + error;
    }
  }
  return luma;
}

describe('psnrDb', () => {
  it('is 99 for a picture without an error', () => {
    expect(psnrDb(picture(3, 0), 8, reference, 3, 0)).toBe(99);
  });

  it('is 20 log10(255 / e) for an error of e everywhere', () => {
    expect(psnrDb(picture(1, 5), 8, reference, 1, 0)).toBeCloseTo(20 * Math.log10(255 / 5), 9);
  });

  it('begins anew after two widths', () => {
    expect(psnrDb(picture(0, 0), 8, reference, 16, 0)).toBe(99);
    expect(psnrDb(picture(0, 0), 8, reference, 5, 0)).toBeLessThan(30);
  });

  it('leaves out the rows of the stamp', () => {
    const luma = picture(2, 0);
    luma.fill(255, 0, 8);
    expect(psnrDb(luma, 8, reference, 2, 1)).toBe(99);
  });

  it('walks rows that are padded', () => {
    expect(psnrDb(picture(2, 1, 16), 16, reference, 2, 0)).toBeCloseTo(20 * Math.log10(255), 9);
  });
});
