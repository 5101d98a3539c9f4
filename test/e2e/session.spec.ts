import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

test('a viewer that closes its connection without DELETE is gone at once, and comes back to the same session as the same client', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  // Far below the 13 s that a connection has which fell silent.
  const inState = (state: string) =>
    waitUntil(
      `the session is ${state}`,
      () => host.session(),
      (each) => each.state === state,
      10_000,
    );
  expect(await host.session()).toMatchObject({ state: 'ready', clients: 0 });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  const before = await inState('streaming');
  await viewerPage.evaluate(() =>
    (window as unknown as { testConnections: RTCPeerConnection[] }).testConnections.at(-1)?.close(),
  );
  expect(await inState('orphaned')).toMatchObject({ session_id: before.session_id, clients: 0 });
  await viewerPage.reload();
  const { session_id, client_ids } = before;
  expect(await inState('streaming')).toMatchObject({ session_id, client_ids });
});
