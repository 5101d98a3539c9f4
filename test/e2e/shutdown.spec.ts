import { ChannelClient } from '../fixtures/channel-client.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

// "Nothing left" looks at every process that inherited this run's mark in its environment, and at their descendants.
test.skip(process.platform !== 'linux', 'looks at /proc');

const roles: Record<string, (command: string) => boolean> = {
  python: (command) => command.includes('-m reactor_host'),
  engine: (command) => /chrom|electron/i.test(command) && command.includes('--type=renderer'),
};

test('Ctrl-C ends everything in order, with status 0', async ({ startHost }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  for (const [role, is] of Object.entries(roles)) {
    expect(host.processes().filter(({ command }) => is(command)).length, role).toBeGreaterThan(0);
  }
  expect(await host.stop()).toBe(0);
});

test('SIGTERM does the same', async ({ startHost }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  host.child.kill('SIGTERM');
  expect(await host.exited).toBe(0);
  await host.nothingLeft();
});

test('SIGTERM drains: our page says so and leaves, no viewer comes, and the end waits for the last that stays', async ({
  startHost,
  viewerBrowser,
  viewerPage,
  pageErrors,
}) => {
  // Its next tries find a host that ends, and then none.
  pageErrors.allow(
    /503 .*\/whep|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET/,
  );
  // A host that waited for the limit would be found by the limit of the test.
  const host = await startHost({ model: 'test/models/pattern.py', args: ['--drain-limit-ms', '600000'] });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await viewer.waitForPictures('main_video', 5);
  const client = await ChannelClient.in(viewerBrowser, host.url);
  const health = async () => {
    const answer = await fetch(`${host.url}health`);
    return { http: answer.status, ...((await answer.json()) as { status: string; viewers: number }) };
  };
  expect(await health()).toMatchObject({ status: 'ok', viewers: 2 });
  host.child.kill('SIGTERM');
  expect((await client.runtime('sessionEnded')).reason).toBe('the host ends');
  await waitUntil('our page has left, and the client is waited for', health, ({ viewers }) => viewers === 1);
  await expect(viewerPage.locator('#notice')).toContainText('The session has ended');
  const offer = await fetch(`${host.url}whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: 'v=0',
  });
  expect(offer.status).toBe(503);
  expect(await offer.json()).toMatchObject({ code: 'host-ending' });
  expect(await health()).toMatchObject({ http: 503, status: 'ending', viewers: 1 });
  await client.page.context().close();
  expect(await host.exited).toBe(0);
  await host.nothingLeft();
});

test('viewers who stay are closed at the drain limit', async ({ startHost, viewerBrowser }) => {
  const host = await startHost({ model: 'test/models/pattern.py', args: ['--drain-limit-ms', '300'] });
  const client = await ChannelClient.in(viewerBrowser, host.url);
  await client.runtime('session', ({ state }) => state === 'streaming');
  host.child.kill('SIGTERM');
  expect(await host.exited).toBe(0);
  // By the host, or by a browser that has noticed that its host is gone.
  await waitUntil(
    'the connection ends',
    async () => (await client.party.received(client.id)).state,
    (state) => state !== 'connected',
  );
  await client.page.context().close();
});

test('kill -9 of the host leaves no Python, browser or Xvfb behind', async ({ startHost }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  host.child.kill('SIGKILL');
  await host.exited;
  await host.nothingLeft();
});

test('kill -9 of any one process never leaves the others without a host', async ({ startHost, engine }) => {
  test.skip(engine !== 'electron', 'on Chromium the host is the process that the test above kills');
  const host = await startHost({ model: 'test/models/pattern.py' });
  // The program itself, not the launcher that has the word in its arguments, nor a helper process.
  const main = host
    .processes()
    .find(({ command }) => /^\S*electron /.test(command) && !command.includes('--type='));
  expect(main, 'the Electron main process').toBeDefined();
  process.kill(main?.pid ?? 0, 'SIGKILL');
  await waitUntil(
    'the launcher ends too',
    () => host.child.exitCode,
    (status) => status !== null,
  );
  expect(await host.exited).not.toBe(0);
  await host.nothingLeft();
});
