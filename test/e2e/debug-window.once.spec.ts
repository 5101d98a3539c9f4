import type { ElectronApplication, Page } from 'playwright/test';
import { capIsSeen, sliderIsSeen } from '../fixtures/both-ends.ts';
import { DebugPage } from '../fixtures/debug-page.ts';
import { withElectronHost } from '../fixtures/electron.ts';
import { engineMissing, enginesRequired } from '../fixtures/engines.ts';
import { Guest } from '../fixtures/guest.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

test('--debug opens a window: sandboxed, without Node or token; it and a viewer see what the other does', async ({
  viewerPage,
}) => {
  const missing = engineMissing('electron');
  if (missing && enginesRequired().includes('electron')) throw new Error(missing);
  test.skip(missing !== undefined, missing);
  const [token, operatorToken] = ['a-secret-token', 'an-operators-token'];
  const tokens = ['--token', token, '--operator-token', operatorToken];
  const args = ['test/models/shaded_texture.py', '--debug', '--port', '0', ...tokens];
  const guest = await Guest.launch();
  try {
    await withElectronHost(args, (app) =>
      look(app, operatorToken, token, viewerPage, guest).finally(() => viewerPage.goto('about:blank')),
    );
  } finally {
    await guest.close();
  }
});

async function look(
  app: ElectronApplication,
  operatorToken: string,
  token: string,
  viewer: Page,
  guest: Guest,
): Promise<void> {
  const page = await waitUntil(
    'the debug window',
    () => Promise.resolve(app.windows().find((each) => /\/debug$/.test(each.url()))),
    (found) => found !== undefined,
    40_000,
  );
  if (!page) throw new Error('no debug window');
  const debug = new DebugPage(page);
  const link = `${page.url().replace(/debug$/, '')}?token=${token}`;
  await viewer.goto(link);
  await debug.plays('main_video');
  const [id = ''] = await debug.hasViewers(1);
  await guest.page.goto(link);
  await debug.hasViewers(2);
  // Without a word: its place is free when ICE has given up on it, which the last step waits for.
  guest.signal('SIGKILL');

  const inside = await page.evaluate(() => ({
    node: [
      typeof Reflect.get(window, 'require'),
      typeof Reflect.get(window, 'process'),
      typeof Reflect.get(window, 'module'),
    ],
    cookies: document.cookie,
    address: location.href,
  }));
  expect(inside).toEqual({ node: ['undefined', 'undefined', 'undefined'], cookies: '', address: page.url() });
  for (const secret of [token, operatorToken]) expect(page.url()).not.toContain(secret);
  const policy = await page.evaluate(async () =>
    (await fetch('debug')).headers.get('content-security-policy'),
  );
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'/);
  const preferences = await app.evaluate(({ webContents }) => {
    const contents = webContents.getAllWebContents().find((each) => each.getURL().endsWith('/debug'));
    const all = (
      contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    ).getLastWebPreferences();
    const { sandbox, contextIsolation, nodeIntegration, preload } = all;
    return { sandbox, contextIsolation, nodeIntegration, preload: preload ?? null };
  });
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    preload: null,
  });
  await debug.press(id, 'Key frame');
  await expect(page.locator('#toast')).toContainText('a key frame is on its way');

  await sliderIsSeen(viewer, page, 200);
  await sliderIsSeen(page, viewer, 90);
  await capIsSeen(debug, viewer, id);

  // It leads nowhere else, and opens nothing. Not by page.evaluate, which waits for where a page goes to.
  const answer = await app.evaluate(async ({ webContents }) => {
    const contents = webContents.getAllWebContents().find((each) => each.getURL().endsWith('/debug'));
    const opened = await contents?.executeJavaScript(
      `location.href = 'https://example.invalid/'; String(window.open('https://example.invalid/'))`,
    );
    return { opened, count: webContents.getAllWebContents().length, address: contents?.getURL() };
  });
  expect(answer).toEqual({ opened: 'null', count: 2, address: inside.address });

  // The viewer that was killed disappears (test/network/session.spec.ts measures how soon), the other one stays.
  expect(await debug.hasViewers(1, 40_000)).toEqual([id]);

  // The host goes on without its window.
  const health = `${page.url().replace(/debug$/, '')}health`;
  await page.close();
  expect((await fetch(health)).status).toBe(200);
}
