import { MeasuringPage } from '../fixtures/measuring-page.ts';
import { expect, test } from '../fixtures/test.ts';

const SOURCE = { width: 640, height: 360 };
/** So many repeats are enough for every encoder; at two a second they would take 20 s. */
const PICTURES = 30;
/** No first picture of VP9 and VP8 on Chromium is as good: the rest is shown by the number of pictures. */
const GOOD_DB = 40;

for (const codec of ['vp9', 'h264', 'vp8', 'av1']) {
  test(`${codec}: a picture that is yielded once is soon as good as it gets`, async ({
    startHost,
    viewerBrowser,
  }) => {
    const host = await startHost({ model: 'test/models/still.py' });
    const viewer = await MeasuringPage.open(viewerBrowser, {
      hostUrl: host.url,
      query: `codec=${codec}`,
      source: SOURCE,
    });
    try {
      await viewer.stretch(PICTURES, 10_000);
      const { pictures, psnr } = await viewer.seen();
      expect(pictures.length).toBeGreaterThanOrEqual(PICTURES);
      const last = psnr.at(-1)?.psnrDb;
      const description = `${codec}: ${psnr[0]?.psnrDb.toFixed(1)} dB, then ${last?.toFixed(1)}`;
      test.info().annotations.push({ type: 'measured', description });
      expect(last).toBeGreaterThan(GOOD_DB);
    } finally {
      await viewer.close();
    }
  });
}
