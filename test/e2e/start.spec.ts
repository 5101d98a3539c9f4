import { MeasuringPage } from '../fixtures/measuring-page.ts';
import { expect, test } from '../fixtures/test.ts';

/** bench/source.py at this size: small enough for any machine to encode in time. */
const SOURCE = { width: 640, height: 360 };

for (const codec of ['vp9', 'h264', 'vp8', 'av1']) {
  test(`${codec}: the first decoded picture has full size`, async ({ startHost, viewerBrowser }) => {
    const { width, height } = SOURCE;
    const host = await startHost({
      model: 'bench/source.py',
      env: { BENCH_WIDTH: String(width), BENCH_HEIGHT: String(height), BENCH_FPS: '30' },
    });
    const query = `codec=${codec}`;
    const viewer = await MeasuringPage.open(viewerBrowser, { hostUrl: host.url, query, source: SOURCE });
    try {
      await viewer.stretch(1, 30_000);
      expect((await viewer.seen()).pictures[0]).toMatchObject(SOURCE);
    } finally {
      await viewer.close();
    }
  });
}
