import { STAGE_NAMES, splitPictures, summarizeSplit } from '../../bench/stages.ts';
import { percentile } from '../../bench/summary.ts';
import type { PictureStages } from '../../protocol/stats.ts';
import { statsOf } from '../fixtures/host-stats.ts';
import { MeasuringPage } from '../fixtures/measuring-page.ts';
import { expect, test } from '../fixtures/test.ts';

/** bench/source.py at this size. */
const SOURCE = { width: 640, height: 360 };
const SOURCE_ENV = { BENCH_WIDTH: '640', BENCH_HEIGHT: '360', BENCH_FPS: '30' };

/** The clocks of model, encoder page and viewer are matched to within half a round trip each. */
const CLOCKS_MS = 3;

test('the host tells of each picture what every stage took, and with the viewer they add up to its latency', async ({
  startHost,
  viewerBrowser,
}) => {
  const host = await startHost({ model: 'bench/source.py', env: SOURCE_ENV });
  const watched = { hostUrl: host.url, query: 'codec=vp8', source: SOURCE, receipts: true };
  const viewer = await MeasuringPage.open(viewerBrowser, watched);
  try {
    const sent: PictureStages[] = [];
    const abort = new AbortController();
    for await (const { shared_encoders: encoders = [] } of statsOf(host.url, abort.signal)) {
      sent.push(...encoders.flatMap(({ pictures = [] }) => pictures));
      if (sent.length >= 100) break;
    }
    abort.abort();
    const split = splitPictures(await viewer.seen(), await viewer.toMonotonicUs(), sent);
    const told = split.filter(({ stages }) => Object.values(stages).every((ms) => ms !== null));
    expect(told.length, 'pictures of which every stage is known').toBeGreaterThan(60);
    for (const name of STAGE_NAMES) {
      // The first answer about the model's clock may have taken longer than the later ones, by which it is matched.
      const eachMs = told.map(({ stages }) => stages[name] ?? 0);
      expect(percentile(eachMs, 0.05), name).toBeGreaterThan(-CLOCKS_MS);
    }
    // A stage that is counted twice makes the network's time negative, and one that is left out makes it the largest.
    const stages = summarizeSplit(told)?.stages;
    expect(stages?.network?.p50).toBeLessThan(stages?.encode?.p50 ?? 0);
  } finally {
    await viewer.close();
  }
});

test('a model that draws twice as many pictures as it declares is held back: latency does not grow', async ({
  startHost,
  viewerBrowser,
}) => {
  const env = { ...SOURCE_ENV, BENCH_FPS: '60', BENCH_DECLARED_FPS: '30' };
  const host = await startHost({ model: 'bench/source.py', env });
  const viewer = await MeasuringPage.open(viewerBrowser, {
    hostUrl: host.url,
    query: 'codec=vp8',
    source: SOURCE,
  });
  try {
    // 300 pictures are ten seconds: a queue that took in only one picture a second too many would hold 330 ms then.
    await viewer.stretch(300, 30_000);
    const toMonotonicUs = await viewer.toMonotonicUs();
    const pictures = (await viewer.seen()).pictures.slice(0, 300);
    const ageMs = (from: number, to: number) =>
      percentile(
        pictures
          .slice(from, to)
          .map(({ seenUs, timeUs }) => (seenUs + toMonotonicUs - (timeUs ?? Number.NaN)) / 1000),
        0.5,
      );
    const spanUs = (pictures[299]?.seenUs ?? 0) - (pictures[30]?.seenUs ?? 0);
    expect((269 * 1e6) / spanUs, 'pictures a second').toBeLessThan(32);
    expect(ageMs(270, 300) / ageMs(30, 90), 'of the age in the first seconds').toBeLessThan(2);
  } finally {
    await viewer.close();
  }
});
