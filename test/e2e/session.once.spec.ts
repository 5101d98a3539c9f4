import { ChannelClient } from '../fixtures/channel-client.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

test('a session begins with its first viewer, outlives a reload, and ends when nobody comes back', async ({
  startHost,
  viewerBrowser,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/commands.py', args: ['--session-grace-s', '3'] });
  const before = await host.session();
  expect(before).toMatchObject({ state: 'ready' });
  const count = (words: string) => host.output.split(words).length - 1;
  expect(count('session started')).toBe(0);

  // The page keeps its client id over a reload.
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  const streaming = await waitUntil(
    'the session streams',
    () => host.session(),
    ({ state }) => state === 'streaming',
  );
  expect(streaming.session_id).toBe(before.session_id);
  const own = streaming.client_ids[0];
  const posted = await fetch(`${host.url}commands/set_shade`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"shade": 123}',
  });
  expect(posted.status).toBe(200);
  await viewerPage.reload();
  await waitUntil(
    'the viewer is back as who it was',
    () => host.session(),
    ({ state, client_ids }) => state === 'streaming' && client_ids.length === 1 && client_ids[0] === own,
  );
  expect((await host.session()).session_id).toBe(before.session_id);

  // Another viewer has an id of its own, and finds the state as the first left it.
  const other = await ChannelClient.in(viewerBrowser, host.url);
  expect((await other.runtime('state')).values).toMatchObject({ shade: 123 });
  expect((await other.runtime('session')).client_id).not.toBe(own);

  // All go: the session waits, then ends, and the next one begins with a state of its own.
  await viewerPage.close();
  await other.page.close();
  await waitUntil(
    'the session is orphaned',
    () => host.session(),
    ({ state }) => state === 'orphaned',
  );
  const next = await waitUntil(
    'a new session',
    () => host.session(),
    ({ session_id, state }) => session_id !== before.session_id && state === 'ready',
  );
  await waitUntil(
    'the model was told',
    async () => count('session ended'),
    (times) => times === 1,
  );
  const late = await ChannelClient.in(viewerBrowser, host.url);
  expect((await late.runtime('state')).values).toMatchObject({ shade: 40 });
  expect((await late.runtime('session')).session_id).toBe(next.session_id);
  expect(count('session started')).toBe(2);
});

test('a second connection of the same client takes the place of the first', async ({
  startHost,
  viewerBrowser,
}) => {
  const host = await startHost({ model: 'test/models/commands.py', args: ['--max-viewers', '1'] });
  const id = 'client-0123456789abcdef';
  const first = await ChannelClient.in(viewerBrowser, host.url, `client=${id}`);
  const second = await ChannelClient.in(viewerBrowser, host.url, `client=${id}`);
  const { client_id } = await second.runtime('session', ({ clients }) => clients === 1);
  expect(client_id).toBe((await first.runtime('session')).client_id);
  // What others see of it is no key to its place.
  expect(id).not.toContain(client_id);
  await expect(ChannelClient.in(viewerBrowser, host.url)).rejects.toThrow(/too-many-viewers/);
});

test('a host that ends tells its viewers so', async ({ startHost, viewerBrowser }) => {
  const host = await startHost({ model: 'test/models/commands.py' });
  const client = await ChannelClient.in(viewerBrowser, host.url);
  await client.runtime('session', ({ state }) => state === 'streaming');
  const told = client.runtime('sessionEnded');
  host.child.kill('SIGTERM');
  expect((await told).reason).toMatch(/host/);
  await host.exited;
});
