import path from 'node:path';
import type { ViewerSnapshot } from '../../renderer/viewer/viewer.ts';
import { DebugPage } from '../fixtures/debug-page.ts';
import { projectRoot } from '../fixtures/engines.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { test } from '../fixtures/test.ts';

// The pictures of README and docs, of the bundled example: `npm run screenshots`. To be looked at before they are kept.

const VIEWER_SIZE = { width: 1280, height: 730 };
const DEBUG_SIZE = { width: 1440, height: 1400 };
/** Until the page's lines have some length. */
const SAMPLES = 45;

const image = (name: string) => path.join(projectRoot, 'docs/images', name);

test('the viewer page and the debug page', async ({ startHost, viewerBrowser }) => {
  test.setTimeout(180_000);
  const host = await startHost({ model: 'python-host/examples/showcase.py' });
  const context = await viewerBrowser.newContext({ viewport: VIEWER_SIZE });
  const viewer = await context.newPage();
  await viewer.goto(host.url);
  await waitUntil(
    'the picture in full size, with its figures',
    () => viewer.evaluate(() => (window as unknown as { reactorViewer: ViewerSnapshot }).reactorViewer),
    ({ tracks: { main_video: main } }) => main?.rates?.width === 1280 && (main.latencyMs ?? 0) > 0,
    60_000,
  );
  await viewer.screenshot({ path: image('viewer.png') });
  const other = await context.newPage();
  await other.goto(`${host.url}?tracks=main_video&codec=h264`);
  const page = await context.newPage();
  await page.setViewportSize(DEBUG_SIZE);
  await page.goto(`${host.url}debug`);
  const debug = new DebugPage(page);
  await debug.hasViewers(2);
  await debug.plays('main_video');
  await page.mouse.click(DEBUG_SIZE.width / 2, 5);
  await waitUntil(
    'lines of some length',
    async () => {
      const history = await (await fetch(`${host.url}debug/history`)).json();
      return (history as { samples: unknown[] }).samples.length;
    },
    (count) => count >= SAMPLES,
    90_000,
  );
  await page.screenshot({ path: image('debug.png') });
  await context.close();
});
