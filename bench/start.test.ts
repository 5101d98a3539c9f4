import { expect, it } from 'vitest';
import { startFigures } from './start.ts';

/** 30 pictures a second from 1.2 s on, `db(index)` of each. */
function seen(db: (index: number) => number | undefined, seconds = 6) {
  const indices = Array.from({ length: seconds * 30 }, (_, at) => at);
  return {
    pictures: indices.map((index) => ({
      ...{ seenUs: 1_200_000 + index * 33_333, timeUs: 0, index },
      ...{ width: 1280, height: 720, rtpTimestamp: null },
    })),
    psnr: indices.flatMap((index) => {
      const psnrDb = db(index);
      return psnrDb === undefined ? [] : [{ index, psnrDb }];
    }),
  };
}

it('tells the first picture, those at half a second, and those at five seconds', () => {
  // Compared are all of the first 45 and every tenth; a decibel better with each of the first ten, then 42.
  const db = (index: number) => (index < 45 || index % 10 === 0 ? Math.min(30 + index, 42) : undefined);
  const figures = startFigures(seen(db), 1_000_000);
  expect(figures).toMatchObject({ firstMs: 200, width: 1280, height: 720, firstDb: 30 });
  // From 0.4 to 0.6 s after the answer: pictures 7 to 12, 37 to 42 dB.
  expect(figures?.halfSecondDb).toBeCloseTo(39.5, 6);
  expect(figures?.halfSecondAfterFirstDb).toBeCloseTo(42, 6);
  expect(figures?.settledDb).toBeCloseTo(42, 6);
});

it('has no quality where nothing came in full size, and nothing at all without a picture', () => {
  expect(
    startFigures(
      seen(() => undefined),
      1_000_000,
    ),
  ).toMatchObject({ firstDb: null, settledDb: null });
  expect(startFigures({ pictures: [], psnr: [] }, 0)).toBeNull();
});
