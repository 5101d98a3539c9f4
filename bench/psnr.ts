/** The luma of the texture that scrolls through the pictures, `width` columns wide; see bench/picture.py. */
export interface Reference {
  luma: Uint8Array;
  width: number;
  pictureWidth: number;
  pictureHeight: number;
}

/** Sample columns that the texture moves with each picture, as in bench/picture.py. */
export const SCROLL_SAMPLES = 3;

/** The texture of a picture size is three pictures wide, of which the third repeats the first. */
export const REFERENCE_WIDTHS = 3;

/**
 * PSNR of one picture's luma in dB against what the source drew.
 *
 * @param luma 8-bit samples of the whole picture at the size of the source.
 * @param stride Samples from one row to the next.
 * @param index The picture's number, from its stamp.
 * @param skipRows Rows at the top that are left out: the stamp is not in the reference.
 * @returns At most 99 dB, which stands for no difference at all.
 */
export function psnrDb(
  luma: Uint8Array,
  stride: number,
  reference: Reference,
  index: number,
  skipRows: number,
): number {
  const { pictureWidth, pictureHeight } = reference;
  const left = (index * SCROLL_SAMPLES) % ((REFERENCE_WIDTHS - 1) * pictureWidth);
  let squares = 0;
  for (let y = skipRows; y < pictureHeight; y += 1) {
    const drawn = y * reference.width + left;
    const decoded = y * stride;
    let row = 0;
    for (let x = 0; x < pictureWidth; x += 1) {
      const error = (luma[decoded + x] as number) - (reference.luma[drawn + x] as number);
      row += error * error;
    }
    squares += row;
  }
  const mean = squares / ((pictureHeight - skipRows) * pictureWidth);
  return mean === 0 ? 99 : Math.min(99, 10 * Math.log10((255 * 255) / mean));
}
