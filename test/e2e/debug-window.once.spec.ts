import type { ElectronApplication } from 'playwright/test';
import { DebugPage } from '../fixtures/debug-page.ts';
import { withElectronHost } from '../fixtures/electron.ts';
import { engineMissing, enginesRequired } from '../fixtures/engines.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

test('--debug opens a window of its own: sandboxed, without Node, with the token out of reach', async ({
  viewerPage,
}) => {
  const missing = engineMissing('electron');
  if (missing && enginesRequired().includes('electron')) throw new Error(missing);
  test.skip(missing !== undefined, missing);
  const [token, operatorToken] = ['a-secret-token', 'an-operators-token'];
  const tokens = ['--token', token, '--operator-token', operatorToken];
  const args = ['test/models/pattern.py', '--debug', '--port', '0', ...tokens];
  await withElectronHost(args, (app) =>
    look(app, operatorToken, async (url) => {
      await viewerPage.goto(`${url}?token=${token}`);
    }).finally(() => viewerPage.goto('about:blank')),
  );
});

async function look(
  app: ElectronApplication,
  token: string,
  openViewer: (url: string) => Promise<void>,
): Promise<void> {
  const page = await waitUntil(
    'the debug window',
    () => Promise.resolve(app.windows().find((each) => /\/debug$/.test(each.url()))),
    (found) => found !== undefined,
    40_000,
  );
  if (!page) throw new Error('no debug window');
  const debug = new DebugPage(page);
  await openViewer(page.url().replace(/debug$/, ''));
  await debug.plays('main_video');
  const [id = ''] = await debug.hasViewers(1);

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
  expect(page.url()).not.toContain(token);
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

  // It leads nowhere else, and opens nothing. Not by page.evaluate, which waits for where a page goes to.
  const answer = await app.evaluate(async ({ webContents }) => {
    const contents = webContents.getAllWebContents().find((each) => each.getURL().endsWith('/debug'));
    const opened = await contents?.executeJavaScript(
      `location.href = 'https://example.invalid/'; String(window.open('https://example.invalid/'))`,
    );
    return { opened, count: webContents.getAllWebContents().length, address: contents?.getURL() };
  });
  expect(answer).toEqual({ opened: 'null', count: 2, address: inside.address });

  // The host goes on without its window.
  const health = `${page.url().replace(/debug$/, '')}health`;
  await page.close();
  expect((await fetch(health)).status).toBe(200);
}
