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

test('SIGTERM drains: viewers are told, no new one comes, and the end waits until they have left', async ({
  startHost,
  viewerPage,
}) => {
  // A test that waited for the limit would fail by its own.
  const host = await startHost({ model: 'test/models/pattern.py', args: ['--drain-limit-ms', '600000'] });
  const viewer = new PatternViewer(viewerPage);
  await viewerPage.addInitScript(() => {
    const told: string[] = [];
    Object.assign(window, { testTold: told });
    const createDataChannel = RTCPeerConnection.prototype.createDataChannel;
    RTCPeerConnection.prototype.createDataChannel = function (label, init) {
      const channel = createDataChannel.call(this, label, init);
      channel.addEventListener('message', ({ data }) => told.push(String(data)));
      return channel;
    };
  });
  await viewer.open(host.url);
  await viewer.waitForPictures('main_video', 5);
  host.child.kill('SIGTERM');
  const told = () => viewerPage.evaluate(() => (window as unknown as { testTold: string[] }).testTold);
  await waitUntil('the viewer is told', told, (all) => all.some((each) => /"sessionEnded"/.test(each)));
  const offer = await fetch(`${host.url}whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: 'v=0',
  });
  expect(offer.status).toBe(503);
  expect(await offer.json()).toMatchObject({ code: 'host-ending' });
  const health = await fetch(`${host.url}health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ status: 'ending', viewers: 1 });
  await viewerPage.close();
  expect(await host.exited).toBe(0);
  await host.nothingLeft();
});

test('viewers who stay are closed at the drain limit', async ({ startHost, viewerPage, pageErrors }) => {
  // Its requests find a host that ends, and then none.
  pageErrors.allow(/503 .*\/whep|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_REFUSED/);
  const host = await startHost({ model: 'test/models/pattern.py', args: ['--drain-limit-ms', '300'] });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await viewer.waitForPictures('main_video', 5);
  host.child.kill('SIGTERM');
  expect(await host.exited).toBe(0);
  const closed = () =>
    viewerPage.evaluate(
      () =>
        (window as unknown as { testConnections: RTCPeerConnection[] }).testConnections[0]?.connectionState,
    );
  // `closed` by the viewer's own page, which has noticed that its host is gone.
  await waitUntil('the connection ends', closed, (state) => state !== 'connected');
  await viewerPage.close();
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
