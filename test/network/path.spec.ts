import type { Browser } from 'playwright/test';
import { percentile } from '../../bench/summary.ts';
import type { ViewerStats } from '../../protocol/stats.ts';
import { MeasuringPage } from '../fixtures/measuring-page.ts';
import { statsWhere } from '../fixtures/party.ts';
import { expect, test } from '../fixtures/test.ts';
import { type Path, UdpRelay } from '../fixtures/udp-relay.ts';

/** Small enough for two viewers and an encoder on two cores. */
const SOURCE = { width: 640, height: 360 };
const MODEL = {
  model: 'bench/source.py',
  args: ['--codec', 'vp8'],
  env: { BENCH_WIDTH: '640', BENCH_HEIGHT: '360', BENCH_FPS: '30' },
};
/** VP8 at this size and 30 fps is given 0.3 bits a sample (enough-rate.ts). */
const FULL_BPS = 0.3 * SOURCE.width * SOURCE.height * 30;
const PICTURES = 200;

const targetBps = ({ senders }: ViewerStats) => senders[0]?.target_bitrate_bps ?? 0;

/** Two viewers at the full rate, the second behind a relay. */
async function withFar(
  startHost: (options: object) => Promise<{ url: string }>,
  browser: Browser,
  path: Path,
  use: (around: {
    near: MeasuringPage;
    far: MeasuringPage;
    relay: UdpRelay;
    /** Of the second viewer. */
    stats: () => Promise<ViewerStats | undefined>;
  }) => Promise<void>,
): Promise<void> {
  const { url: hostUrl } = await startHost(MODEL);
  const near = await MeasuringPage.open(browser, { hostUrl, source: SOURCE });
  const relay = await UdpRelay.start(path);
  const far = await MeasuringPage.open(browser, { hostUrl, source: SOURCE, relay });
  const stats = async (what: string, good: (each: ViewerStats) => boolean) =>
    (await statsWhere(hostUrl, what, ({ viewers: [, each] }) => each !== undefined && good(each))).viewers[1];
  try {
    await stats('the full rate', (each) => targetBps(each) > 0.9 * FULL_BPS);
    await use({ near, far, relay, stats: () => stats('a second viewer', () => true) });
  } finally {
    await far.close();
    await near.close();
    relay.close();
  }
}

async function latencyMs(page: MeasuringPage): Promise<number> {
  const pictures = (await page.pictures()).slice(-PICTURES);
  return percentile(
    pictures.flatMap((each) => each.latencyMs ?? []),
    0.5,
  );
}

test('packets that take 40 ms, give or take 10, cost neither size nor pictures nor the rate', async ({
  startHost,
  viewerBrowser,
}) => {
  const path = { delayMs: 40, jitterMs: 10, loss: 0 };
  await withFar(startHost, viewerBrowser, path, async ({ near, far, stats }) => {
    const [beside, delayed] = await Promise.all([
      near.stretch(PICTURES, 15_000),
      far.stretch(PICTURES, 15_000),
    ]);
    const estimateBps = (await stats())?.available_outgoing_bitrate_bps;
    const latencies = { near: await latencyMs(near), far: await latencyMs(far) };
    test.info().annotations.push({
      type: 'measured',
      description: JSON.stringify({ beside, delayed, estimateBps, latencies }),
    });
    // The relay is on the way.
    expect(latencies.far - latencies.near).toBeGreaterThan(25);
    expect(delayed).toMatchObject(SOURCE);
    expect(delayed.fps).toBeGreaterThan(0.9 * beside.fps);
    expect(estimateBps).toBeGreaterThan(0.7 * FULL_BPS);
  });
});

test('a viewer that loses 5 % gets it again over RTX, and sees as many pictures as one that loses none', async ({
  startHost,
  viewerBrowser,
}) => {
  const path = { delayMs: 0, jitterMs: 0, loss: 0 };
  await withFar(startHost, viewerBrowser, path, async ({ near, far, relay }) => {
    relay.path = { ...path, loss: 0.05 };
    const [beside, hurt] = await Promise.all([near.stretch(PICTURES, 15_000), far.stretch(PICTURES, 15_000)]);
    test.info().annotations.push({ type: 'measured', description: JSON.stringify({ beside, hurt }) });
    // Which tells apart only what comes over RTX.
    expect((await far.seen()).stats.at(-1)?.retransmittedPacketsReceived).toBeGreaterThan(0);
    expect(hurt.fps).toBeGreaterThan(0.9 * beside.fps);
    // Nothing waits for a key frame. The other viewer tells how busy the machine is.
    expect(hurt.longestGapMs).toBeLessThan(200 + 2 * beside.longestGapMs);
  });
});
