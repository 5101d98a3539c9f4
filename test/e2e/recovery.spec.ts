import type { Host } from '../fixtures/host.ts';
import { type ProcessInfo, waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

test('a model that crashes comes back and the connected viewer stays connected', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  const before = await waitUntil(
    'pictures flow',
    () => viewer.counter('main_video'),
    (counter) => counter > 20,
  );
  const connections = await viewer.connectionCount();

  const python = only(host.processes().filter(({ command }) => command.includes('-m reactor_host')));
  process.kill(python.pid, 'SIGKILL');
  await host.waitForLog('the crash is told', (line) => /starting it again/.test(line.msg ?? ''));
  // A new process counts from zero: a smaller number proves that it is the new one's pictures that arrive.
  await waitUntil(
    "the new process's pictures arrive",
    () => viewer.counter('main_video'),
    (counter) => counter < before,
  );
  const after = await viewer.counter('main_video');
  await waitUntil(
    'and go on',
    () => viewer.counter('main_video'),
    (counter) => counter > after + 10,
  );
  expect(await viewer.connectionCount()).toBe(connections);
});

/** What the page asks of a host whose encoder page is gone, or that is gone itself. */
const askedInVain = [/ 404 .*\/whep\//, / 503 .*\/whep/];

/** Waits until the viewer's page has a connection more than `before`, over which pictures flow. */
async function reconnected(viewer: PatternViewer, before: number, timeoutMs: number): Promise<void> {
  await waitUntil(
    'the viewer has connected anew',
    () => viewer.connectionCount(),
    (count) => count > before,
    timeoutMs,
  );
  await flows(viewer);
}

/** Waits until the picture has changed ten times. */
async function flows(viewer: PatternViewer): Promise<void> {
  const first = await viewer.counter('main_video');
  await waitUntil(
    'pictures flow',
    () => viewer.counter('main_video'),
    (counter) => counter > first + 10,
  );
}

test('a killed renderer of the encoder page comes back and the viewer reconnects by itself', async ({
  startHost,
  viewerPage,
  pageErrors,
}) => {
  test.skip(process.platform !== 'linux', 'looks at /proc');
  pageErrors.allow(...askedInVain);
  const host = await startHost({ model: 'test/models/pattern.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await flows(viewer);
  const connections = await viewer.connectionCount();
  for (const { pid } of renderers(host)) process.kill(pid, 'SIGKILL');
  await reconnected(viewer, connections, 40_000);
  // A page on Chromium brings a new ring file with it, of which the model has to learn.
  expect(host.lines.findLast(({ msg }) => msg === 'model connected')?.payloads).toBe('ring');
  expect(host.output).not.toContain('a picture was lost');
});

test('a hanging encoder page is opened again and the viewer reconnects by itself', async ({
  startHost,
  viewerPage,
  pageErrors,
}) => {
  test.skip(process.platform !== 'linux', 'looks at /proc');
  pageErrors.allow(...askedInVain);
  const host = await startHost({ model: 'test/models/pattern.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await flows(viewer);
  const connections = await viewer.connectionCount();
  const from = host.lines.length;
  const stopped = renderers(host);
  for (const { pid } of stopped) process.kill(pid, 'SIGSTOP');
  try {
    const { reason } = await host.waitForLog(
      'the host opens the page again',
      ({ msg }) => msg === 'the encoder page is opened again',
      40_000,
      from,
    );
    expect(reason).toMatch(/^silent for|^hangs/);
    await reconnected(viewer, connections, 40_000);
    // The browser must not wait for it to end by itself. Chromium has renderers without our page beside it, which stay.
    await waitUntil(
      'the hanging renderer is gone',
      () => renderers(host).filter(({ pid }) => stopped.some((old) => old.pid === pid)),
      (left) => left.length < stopped.length,
    );
  } finally {
    for (const { pid } of stopped) resume(pid);
  }
});

test('a killed browser of the host is started again and the viewer reconnects by itself', async ({
  startHost,
  viewerPage,
  pageErrors,
  engine,
}) => {
  test.skip(process.platform !== 'linux', 'looks at /proc');
  test.skip(engine !== 'chromium', 'the browser is the host itself: see shutdown.spec.ts');
  pageErrors.allow(...askedInVain);
  const host = await startHost({ model: 'test/models/pattern.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await flows(viewer);
  const connections = await viewer.connectionCount();
  const browsers = () =>
    host
      .processes()
      .filter(({ command }) => command.includes('--remote-debugging-pipe') && !command.includes('--type='));
  const browser = only(browsers());
  process.kill(browser.pid, 'SIGKILL');
  await reconnected(viewer, connections, 40_000);
  expect(only(browsers()).pid).not.toBe(browser.pid);
});

/** The renderer processes of the host's browser. */
function renderers(host: Host): ProcessInfo[] {
  const found = host.processes().filter(({ command }) => command.includes('--type=renderer'));
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** Checked before anything is sent to it: a signal to no process would go to the test's own group. */
function only(found: ProcessInfo[]): ProcessInfo {
  expect(found).toHaveLength(1);
  return found[0] as ProcessInfo;
}

function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // Gone, as it should be.
  }
}
