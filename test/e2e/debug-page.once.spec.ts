import { readFile } from 'node:fs/promises';
import { DebugPage } from '../fixtures/debug-page.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

/** What there is because somebody looks. */
const COSTS = /^reactor_host_(viewers|event_streams|encoder_viewers)\b/;

test('sound is drawn, a picture is saved, the bundle is made, and the model is started again', async ({
  startHost,
  viewerPage,
  viewerBrowser,
  pageErrors,
}) => {
  const host = await startHost({
    model: 'test/models/pattern.py',
    args: ['--token', 'a-secret-token', '--debug'],
  });
  const printed = await host.waitForLog('the link', ({ msg }) => /^debug page http/.test(String(msg)));
  await viewerPage.goto(`${host.url}?token=a-secret-token`);
  const costs = async () => {
    const response = await fetch(`${host.url}metrics`, {
      headers: { authorization: 'Bearer a-secret-token' },
    });
    const text = await response.text();
    return text
      .split('\n')
      .filter((line) => COSTS.test(line))
      .sort();
  };
  const has = (lines: string[], viewers: number) =>
    lines.includes(`reactor_host_viewers ${viewers}`) &&
    lines.filter((line) => line.includes('encoder_viewers{') && line.endsWith(` ${viewers}`)).length === 2;
  const alone = await waitUntil('the viewer is served', costs, (lines) => has(lines, 1));
  expect(alone).toContain('reactor_host_event_streams{stream="events"} 1');
  expect(alone).toContain('reactor_host_event_streams{stream="log"} 0');

  const context = await viewerBrowser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  pageErrors.watch(page);
  const debug = new DebugPage(page);
  await page.goto(String(printed.msg).replace('debug page ', ''));
  expect(page.url()).toBe(`${host.url}debug`);
  const operatorToken =
    new URL(String(printed.msg).replace('debug page ', '')).searchParams.get('token') ?? '';
  expect(operatorToken).toHaveLength(43);
  await debug.plays('main_video');
  await debug.hasViewers(1);

  await waitUntil(
    'the wave of the sound is drawn',
    () =>
      page
        .locator('.waveform')
        .first()
        .evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
            data: [],
          };
          return [...data].filter((value, at) => at % 4 === 3 && value > 0).length;
        }),
    // A line of silence would be one point a column.
    (drawn) => drawn > 2000,
  );

  const save = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the picture of main video as PNG' }).click();
  const picture = await save;
  expect(picture.suggestedFilename()).toMatch(/^main_video-.*\.png$/);
  const png = await readFile(await picture.path());
  // PNG's signature, then the width and height of its first chunk (PNG section 11.2.2).
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([320, 240]);

  const bundling = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Diagnostic bundle' }).click();
  const text = await readFile(await (await bundling).path(), 'utf8');
  for (const token of ['a-secret-token', operatorToken]) expect(text).not.toContain(token);
  const bundle = JSON.parse(text);
  expect(
    bundle.viewers.map(
      ({ offer, answer }: Record<string, string>) =>
        /m=video/.test(`${offer}`) && /m=video/.test(`${answer}`),
    ),
  ).toEqual([true, true]);
  expect(bundle.stats_history.length).toBeGreaterThan(0);

  await page.getByLabel('Filter by text').fill('viewer joins');
  await expect(page.locator('#log-list .line').first()).toContainText('viewer joins');
  await page.getByLabel('Filter by text').fill('debug page http');
  await expect(page.locator('#log-list .line').first()).toContainText('debug?token=[secret]');

  const before = host.lines.length;
  await page.getByRole('button', { name: 'Restart model' }).click();
  await host.waitForLog('the model runs again', ({ msg }) => msg === 'the model runs', 30_000, before);
  expect(host.lines.slice(before).some(({ code }) => code === 'model-crashed')).toBe(false);

  // Open, it has a connection, its encoders' pictures and two streams of events; closed, it has left nothing.
  const open = await waitUntil('both are served', costs, (lines) => has(lines, 2));
  expect(open).toContain('reactor_host_event_streams{stream="events"} 2');
  expect(open).toContain('reactor_host_event_streams{stream="log"} 1');
  await context.close();
  await waitUntil('nothing of it is left', costs, (lines) => lines.join() === alone.join());
});
