import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

interface Session {
  session_id: string;
  state: string;
  clients: number;
  client_ids: string[];
}

test('a viewer that closes its connection without DELETE is gone at once, and comes back to the same session as the same client', async ({
  startHost,
  viewerPage,
  pageErrors,
}) => {
  // The page, reloaded, says goodbye for a connection that is gone already.
  pageErrors.allow(/404 \(Not Found\).*\/whep\//);
  const host = await startHost({ model: 'test/models/pattern.py' });
  const session = async () => (await (await fetch(`${host.url}session`)).json()) as Session;
  // Far below the 15 s that a connection has which fell silent.
  const inState = (state: string) =>
    waitUntil(`the session is ${state}`, session, (each) => each.state === state, 10_000);
  expect(await session()).toMatchObject({ state: 'ready', clients: 0 });
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
