import type { Seen } from './viewer-page.ts';

/** The first seconds of a viewer. Null where there was no picture of full size then. */
export interface StartFigures {
  /** From the answer applied to the first decoded picture, and its size. */
  firstMs: number;
  width: number;
  height: number;
  /** Of that picture, and of those about half a second after the answer and after that picture. */
  firstDb: number | null;
  halfSecondDb: number | null;
  halfSecondAfterFirstDb: number | null;
  /** Five seconds after the first picture. */
  settledDb: number | null;
}

const HALF_SECOND_US = 500_000;
/** About half a second: three pictures either way at 30 a second. */
const AROUND_US = 100_000;
const SETTLED_US = 5_000_000;
/** One second, because only every tenth picture is compared then. */
const AROUND_SETTLED_US = 500_000;

/** How long the viewer has to compare every picture for these figures. */
export const COMPARE_ALL_MS = 1500;

/** @param answeredUs when the answer was applied, by the clock of `seenUs` */
export function startFigures(
  { pictures, psnr }: Pick<Seen, 'pictures' | 'psnr'>,
  answeredUs: number,
): StartFigures | null {
  const first = pictures[0];
  if (!first) return null;
  const dbByIndex = new Map(psnr.map(({ index, psnrDb }) => [index, psnrDb]));
  const compared = pictures.flatMap(({ seenUs, index }) => {
    const db = index === null ? undefined : dbByIndex.get(index);
    return db === undefined ? [] : [{ seenUs, db }];
  });
  const around = (atUs: number, withinUs: number) => {
    const there = compared.filter(({ seenUs }) => Math.abs(seenUs - atUs) <= withinUs);
    return there.length > 0 ? there.reduce((sum, { db }) => sum + db, 0) / there.length : null;
  };
  return {
    firstMs: (first.seenUs - answeredUs) / 1000,
    width: first.width,
    height: first.height,
    firstDb: (first.index === null ? undefined : dbByIndex.get(first.index)) ?? null,
    halfSecondDb: around(answeredUs + HALF_SECOND_US, AROUND_US),
    halfSecondAfterFirstDb: around(first.seenUs + HALF_SECOND_US, AROUND_US),
    settledDb: around(first.seenUs + SETTLED_US, AROUND_SETTLED_US),
  };
}
