import { waitUntil } from '../fixtures/processes.ts';
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

  const python = host.processes().find(({ command }) => command.includes('-m reactor_host'));
  process.kill(python?.pid ?? 0, 'SIGKILL');
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

test('a killed renderer of the encoder page comes back and the viewer reconnects by itself', async ({
  startHost,
  viewerPage,
}) => {
  test.skip(process.platform !== 'linux', 'looks at /proc');
  const host = await startHost({ model: 'test/models/pattern.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await waitUntil(
    'pictures flow',
    () => viewer.counter('main_video'),
    (counter) => counter > 10,
  );
  const connections = await viewer.connectionCount();
  for (const { pid, command } of host.processes()) {
    if (command.includes('--type=renderer')) process.kill(pid, 'SIGKILL');
  }
  await waitUntil(
    'the viewer has connected anew',
    () => viewer.connectionCount(),
    (count) => count > connections,
    40_000,
  );
  const counter = await viewer.counter('main_video');
  await waitUntil(
    'pictures flow again',
    () => viewer.counter('main_video'),
    (now) => now > counter + 10,
  );
});
