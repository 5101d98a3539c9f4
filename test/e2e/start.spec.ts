import { MeasuringPage } from '../fixtures/measuring-page.ts';
import { expect, test } from '../fixtures/test.ts';

/** bench/source.py at this size: small enough for any machine to encode in time. */
const SOURCE = { width: 640, height: 360 };
/** Half a second. */
const PICTURES = 15;

for (const codec of ['vp9', 'h264', 'vp8', 'av1']) {
  test(`${codec}: the first decoded picture has full size, and so have those of the next half second`, async ({
    startHost,
    viewerBrowser,
  }) => {
    const { width, height } = SOURCE;
    const host = await startHost({
      model: 'bench/source.py',
      env: { BENCH_WIDTH: String(width), BENCH_HEIGHT: String(height), BENCH_FPS: '30' },
    });
    const query = `codec=${codec}`;
    const viewer = await MeasuringPage.open(viewerBrowser, { hostUrl: host.url, query, source: SOURCE });
    try {
      await viewer.stretch(PICTURES, 30_000);
      const { pictures } = await viewer.seen();
      expect(pictures.length).toBeGreaterThanOrEqual(PICTURES);
      const sizes = pictures.slice(0, PICTURES).map((each) => `${each.width}x${each.height}`);
      expect([...new Set(sizes)]).toEqual([`${width}x${height}`]);
    } finally {
      await viewer.close();
    }
  });
}
