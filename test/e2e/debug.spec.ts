import { capIsSeen, liftedCapIsSeen, seen, sliderIsSeen } from '../fixtures/both-ends.ts';
import { DebugPage } from '../fixtures/debug-page.ts';
import { statsWhere } from '../fixtures/party.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

// Both ends at once: what an operator does on the debug page is seen by a viewer in a browser, and the other way round.

test('what an operator sets on the debug page is what the viewer gets', async ({
  startHost,
  viewerPage,
  viewerBrowser,
  pageErrors,
}) => {
  const host = await startHost({ model: 'test/models/shaded_texture.py' });
  const context = await viewerBrowser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  pageErrors.watch(page);
  const debug = new DebugPage(page);
  await page.goto(`${host.url}debug`);

  // It looks on: nobody is there for the model, whose gate stays closed, and the page says so.
  await waitUntil(
    'it says that nobody watches',
    () => debug.findings(),
    (all) => all.some((each) => /nobody watches/.test(each)),
  );
  expect(await host.session()).toMatchObject({ state: 'ready', clients: 0 });

  await viewerPage.goto(host.url);
  const [id = ''] = await debug.hasViewers(1);
  await debug.plays('main_video');
  expect(await host.session()).toMatchObject({ state: 'streaming', clients: 1 });
  // One encoder for both.
  const stats = await statsWhere(host.url, 'both share an encoder', ({ shared_encoders }) =>
    Boolean(shared_encoders?.some(({ viewers }) => viewers === 2)),
  );
  expect(stats.shared_encoders).toHaveLength(1);

  await test.step('a bitrate cap', async () => {
    await capIsSeen(debug, viewerPage, id);
    // The page that looks on has gone along instead of needing an encoder of its own.
    await statsWhere(host.url, 'still one encoder', ({ shared_encoders }) => shared_encoders?.length === 1);
    await liftedCapIsSeen(debug, viewerPage, id);
  });

  await test.step('another codec, in the same connection', async () => {
    await debug.codec(id, 'H.264');
    const after = await waitUntil(
      'the viewer decodes H.264, and pictures go on',
      () => seen(viewerPage),
      ({ tracks }) => tracks.main_video?.rates?.codec === 'H264' && (tracks.main_video.rates.fps ?? 0) > 5,
    );
    expect(after.sessions).toBe(1);
    // The page that looks on follows, so that nothing is encoded for it alone.
    await statsWhere(host.url, 'one encoder, of H.264, for both', ({ shared_encoders }) => {
      const [only, ...others] = shared_encoders ?? [];
      return others.length === 0 && only?.codec === 'h264' && only.viewers === 2;
    });
  });

  await test.step('a key frame', async () => {
    const keyFrames = () =>
      statsWhere(host.url, 'statistics', () => true).then(
        ({ shared_encoders }) => shared_encoders?.[0]?.key_frames ?? 0,
      );
    const before = await keyFrames();
    await debug.press(id, 'Key frame');
    await waitUntil('a key frame more', keyFrames, (count) => count > before);
  });

  await test.step('a slider of the viewer, and one of the window', async () => {
    await sliderIsSeen(viewerPage, page, 200);
    await sliderIsSeen(page, viewerPage, 90);
  });

  // A page says goodbye also to a session that an operator has ended.
  pageErrors.allow(/404 \(Not Found\) \(\S+\/whep\//);
  await test.step('a viewer that is killed disappears, one that is sent away stays away', async () => {
    const other = await viewerBrowser.newPage();
    await other.goto(host.url);
    const both = await debug.hasViewers(2);
    await other.close();
    expect(await debug.hasViewers(1)).toEqual([id]);
    expect(both).toContain(id);

    await debug.press(id, 'Disconnect');
    await debug.hasViewers(0);
    await expect(viewerPage.locator('#notice')).toContainText('You have been disconnected');
    expect((await seen(viewerPage)).sessions).toBe(1);
    await viewerPage.getByRole('button', { name: 'Try now' }).click();
    await debug.hasViewers(1);
  });
  await context.close();
});
