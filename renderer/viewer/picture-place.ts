export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Of a picture, from 0 at its left and top edge to 1 at the others. */
export interface Place {
  x: number;
  y: number;
}

/**
 * Where in the picture a point of the page is. The picture keeps its shape inside its box, with bars where it does not fill it.
 *
 * @param picture its size in samples; without one there is no place
 * @param isHeld a point outside counts as the nearest one inside: what has begun in the picture ends in it
 * @returns null for a point outside of the picture
 */
export function placeInPicture(
  point: { clientX: number; clientY: number },
  box: Box,
  picture: { width: number; height: number },
  isHeld: boolean,
): Place | null {
  if (picture.width <= 0 || picture.height <= 0 || box.width <= 0 || box.height <= 0) return null;
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  const x = (point.clientX - box.left - (box.width - width) / 2) / width;
  const y = (point.clientY - box.top - (box.height - height) / 2) / height;
  const isInside = x >= 0 && x <= 1 && y >= 0 && y <= 1;
  if (!isInside && !isHeld) return null;
  return { x: rounded(x), y: rounded(y) };
}

/** To 1/10,000: finer than a sample of an 8K picture, and short on the wire. */
function rounded(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1e4) / 1e4;
}
