import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright/test';
import { COLOURS, colourError, readChart } from '../fixtures/chart.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { test as base, expect } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

/** Tells test/models/sizes.py which size its next pictures are to have. */
interface Sizes {
  env: Record<string, string>;
  set(size: string): void;
}

const test = base.extend<{ sizes: Sizes }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for a destructured first argument.
  sizes: async ({}, use) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sizes-test-'));
    const file = path.join(folder, 'size');
    await use({
      env: { REACTOR_TEST_SIZE: file },
      // In one step: the model must not read an empty file.
      set: (size) => {
        writeFileSync(`${file}.new`, size);
        renameSync(`${file}.new`, file);
      },
    });
    rmSync(folder, { recursive: true });
  },
});

/** Patches smaller than this are blurred by chroma of half the size. */
const LEAST_CHART_WIDTH = 100;
const SIZES = ['641x361', '16x16', '361x641', '854x480', '1920x1080', '1080x1920', '2560x1440', '3840x2160'];

for (const codec of ['vp9', 'h264', 'vp8', 'av1']) {
  test(`${codec}: from 16x16 to 4K and beyond, each size follows the one before in the same session, and the page follows`, async ({
    startHost,
    viewerPage,
    sizes,
  }) => {
    sizes.set('320x240');
    const host = await startHost({
      model: 'test/models/sizes.py',
      args: ['--start-bitrate-bps', '8000000'],
      env: sizes.env,
    });
    const viewer = new PatternViewer(viewerPage);
    await viewer.open(`${host.url}?codec=${codec}&tracks=main_video`);
    await showsChart(viewerPage, 320, 240);
    for (const size of SIZES) {
      sizes.set(size);
      const [width = 0, height = 0] = size.split('x').map(Number);
      // H.264 has even sizes only: the padding is shown.
      const even = codec === 'h264' ? 2 : 1;
      await showsChart(viewerPage, even * Math.ceil(width / even), even * Math.ceil(height / even));
    }
    // 8K: VP9 and VP8 do it too, but a key frame takes seconds of two cores.
    if (codec === 'av1') {
      sizes.set('7680x4320');
      await showsChart(viewerPage, 7680, 4320);
    }
    // The H.264 encoder of Chromium 114 makes green of pictures that it has to make smaller from that size.
    if (codec === 'h264' && !/Chrome\/1[01]\d\./.test(host.output)) {
      // Half of it comes, which is the size of before: another one between the two.
      sizes.set('320x240');
      await showsChart(viewerPage, 320, 240);
      sizes.set('7680x4320');
      await host.waitForLog('the author is told', ({ msg }) => msg?.includes('it has no 7680x4320') ?? false);
      await showsChart(viewerPage, 3840, 2160);
    }
    expect((await viewer.codec('main_video')).toLowerCase()).toBe(codec);
    expect(await viewer.connectionCount()).toBe(1);
    expect(host.output).not.toContain('gave up');
  });
}

/** The size, the colours and the shape of the tile. */
async function showsChart(page: Page, width: number, height: number): Promise<void> {
  await expect(async () => {
    const chart = await readChart(page, 'main_video');
    expect([chart.width, chart.height]).toEqual([width, height]);
    if (width >= LEAST_CHART_WIDTH) {
      const { mean, max } = colourError(COLOURS, chart.patches);
      expect(mean, JSON.stringify(chart.patches)).toBeLessThan(3);
      expect(max, JSON.stringify(chart.patches)).toBeLessThan(12);
    }
    const ratio = await page.evaluate(() => {
      const tile = document.querySelector('[data-track="main_video"]');
      return Number(tile && getComputedStyle(tile).getPropertyValue('--ratio'));
    });
    expect(ratio).toBeCloseTo(width / height, 3);
  }).toPass({ timeout: 30_000 });
}

test('a size that changes with every picture, beside a track of another size and rate, all of them arrive', async ({
  startHost,
  viewerPage,
  sizes,
}) => {
  sizes.set('all');
  const host = await startHost({ model: 'test/models/sizes.py', env: sizes.env });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await viewer.counter('side_video');
  const seen = new Set<string>();
  const first = await viewer.counter('main_video');
  await waitUntil(
    'twenty sizes, and on',
    async () => {
      const { width, height } = await viewer.picture('main_video');
      seen.add(`${width}x${height}`);
      return [seen.size, (await viewer.counter('main_video')) - first];
    },
    ([different = 0, steps = 0]) => different >= 20 && steps >= 90,
    45_000,
  );
  expect(await viewer.picture('side_video')).toMatchObject({ width: 160, height: 90 });
  // Fifteen pictures a second and five, told by what was decoded of both in the same time.
  const decoded = () =>
    viewerPage.evaluate(() =>
      ['main_video', 'side_video'].map((name) => {
        const video = document.querySelector<HTMLVideoElement>(`#track-${name}`);
        return video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      }),
    );
  const [mainBefore = 0, sideBefore = 0] = await decoded();
  const [main = 0, side = 0] = await waitUntil(
    'twenty pictures of the slow track',
    decoded,
    ([, count = 0]) => count >= sideBefore + 20,
  );
  expect((main - mainBefore) / (side - sideBefore)).toBeGreaterThan(2);
  expect((main - mainBefore) / (side - sideBefore)).toBeLessThan(3.6);
  expect(await viewer.connectionCount()).toBe(1);
  expect(host.output).not.toContain('gave up');
});
