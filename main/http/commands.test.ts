import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Config } from '../config.ts';
import {
  EventText,
  encoderPeer,
  expectProblem,
  type Header,
  modelPeer,
  OFFER,
  type Peer,
  SDP,
  startHost,
  type TestHost,
} from './test-host.ts';

/** Commands, messages and sessions, over the real routes and links. */
const INTERFACE = {
  type: 'interface',
  description: 'A painter.\n\nIt paints.',
  commands: [
    {
      name: 'set_prompt',
      description: 'What to draw.',
      parameters: {
        type: 'object',
        properties: { prompt: { type: 'string', maxLength: 10 } },
        required: ['prompt'],
      },
      state_field: 'prompt',
      bind: null,
    },
    { name: 'jump', description: '', parameters: { type: 'object' }, state_field: null, bind: 'keyboard' },
  ],
  messages: [{ name: 'landed', description: 'It landed.', data: { type: 'object' } }],
  state: { prompt: 'a meadow', speed: 1 },
};
const CHANNEL_OFFER = `${OFFER}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n`;
const NAME = 'me-0123456789abcdef';

let host: TestHost;
let model: Peer;
let encoder: Peer;

beforeEach(() => {
  model = undefined as never;
});
afterEach(() => host.server.close());

async function serving(change: Partial<Config> = {}): Promise<void> {
  host = await startHost('/nowhere', change);
  ({ peer: model } = await modelPeer(host.base));
  model.send(INTERFACE);
  encoder = await encoderPeer(host.base);
  await vi.waitFor(() => expect(host.interaction.session.state).toBe('ready'));
  await vi.waitFor(() => expect(host.interaction.interface).toBeDefined());
}

/** A viewer with a data channel, which is open at once. */
async function viewer(client?: string, offer = CHANNEL_OFFER): Promise<{ id: string; clientId: string }> {
  const query = client === undefined ? '' : `?client=${client}`;
  const answer = await fetch(`${host.base}/whep${query}`, { method: 'POST', headers: SDP, body: offer });
  expect(answer.status).toBe(201);
  const id = answer.headers.get('location')?.slice('/whep/'.length) ?? '';
  encoder.send({ type: 'viewer-state', viewer_id: id, state: 'connected' });
  if (offer === CHANNEL_OFFER) encoder.send({ type: 'viewer-channel', viewer_id: id, open: true });
  await vi.waitFor(() => expect(host.viewers.get(id)?.connected).toBe(true));
  return { id, clientId: host.viewers.get(id)?.clientId ?? '' };
}

interface Told {
  to: string[];
  scope: string;
  type: string;
  data: Record<string, unknown>;
}

/** The next message to viewers of that type. */
async function told(type: string): Promise<Told> {
  for (;;) {
    const { viewer_ids, message } = (await encoder.next('tell-viewers')) as Header & {
      viewer_ids: string[];
      message: { scope: string; data: { type: string; data: Record<string, unknown> } };
    };
    if (message.data.type === type) return { to: viewer_ids, scope: message.scope, ...message.data };
  }
}

const say = (viewer_id: string, data: object, scope = 'application') =>
  encoder.send({ type: 'viewer-said', viewer_id, message: { scope, data } });
const command = (name: string, body?: string, init: RequestInit = {}) =>
  fetch(`${host.base}/commands/${name}`, {
    method: 'POST',
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    ...init,
  });

/** What /events tells from now on. */
const events = async (query = '') => new EventText(await fetch(`${host.base}/events${query}`));

test('a command goes to the model and its answer back to the viewer who asked', async () => {
  await serving();
  const a = await viewer();
  const b = await viewer();
  expect(a.clientId).not.toBe(b.clientId);
  say(a.id, { type: 'set_prompt', data: { prompt: 'sea' }, request_id: 'r1' });
  const asked = await model.next('command');
  expect(asked).toMatchObject({ client_id: a.clientId, name: 'set_prompt', data: { prompt: 'sea' } });
  const reply = { name: 'landed', data: { at: 1 } };
  model.send({ type: 'command-done', request_id: asked.request_id, error: null, reply });
  expect(await told('landed')).toEqual({ to: [a.id], scope: 'application', type: 'landed', data: { at: 1 } });
  expect(await told('command_result')).toMatchObject({
    to: [a.id],
    data: { request_id: 'r1', command: 'set_prompt' },
  });
});

test('what the model refuses is told with field and limit, with a request id or without', async () => {
  await serving();
  const a = await viewer();
  const error = {
    code: 'invalid-command',
    message: 'prompt is too long',
    hint: 'at most 10',
    field: 'prompt',
    limit: { max_length: 10 },
  };
  for (const request_id of [7, undefined]) {
    say(a.id, { type: 'set_prompt', data: { prompt: 'x' }, ...(request_id ? { request_id } : {}) });
    const asked = await model.next('command');
    model.send({ type: 'command-done', request_id: asked.request_id, error, reply: null });
    expect(await told('command_error')).toMatchObject({
      to: [a.id],
      data: { request_id: request_id ?? null, command: 'set_prompt', error },
    });
  }
  say(a.id, { type: 'set_promt', data: {}, request_id: 8 });
  expect((await told('command_error')).data.error).toMatchObject({
    code: 'unknown-command',
    hint: 'the commands are set_prompt, jump, did you mean set_prompt?',
  });
});

test('a command without a request id that has run is not answered', async () => {
  await serving();
  const a = await viewer();
  say(a.id, { type: 'jump', data: {} });
  say(a.id, { type: 'jump', data: {}, request_id: 2 });
  for (let i = 0; i < 2; i++) {
    const { request_id } = await model.next('command');
    model.send({ type: 'command-done', request_id, error: null, reply: null });
  }
  expect((await told('command_result')).data.request_id).toBe(2);
});

test('a viewer is greeted with session and state, and is told what changes', async () => {
  await serving();
  model.send({ type: 'state-changed', client_id: null, values: { speed: 2 } });
  await vi.waitFor(() => expect(host.interaction.values?.values.speed).toBe(2));
  const a = await viewer(NAME);
  const { session_id } = host.interaction.session;
  expect(await told('session')).toMatchObject({
    to: [a.id],
    data: { session_id, state: 'waiting', client_id: a.clientId, clients: 0 },
  });
  expect(await told('state')).toMatchObject({
    to: [a.id],
    data: { values: { prompt: 'a meadow', speed: 2 }, client_id: null },
  });
  expect((await told('session')).data).toMatchObject({ state: 'streaming', clients: 1 });
  const b = await viewer();
  await told('state');
  model.send({ type: 'state-changed', client_id: b.clientId, values: { prompt: 'sea' } });
  expect(await told('state')).toMatchObject({
    to: [a.id, b.id],
    data: { values: { prompt: 'sea' }, client_id: b.clientId },
  });
});

test('the schema is told when asked for, and when a model with another one comes', async () => {
  await serving();
  const a = await viewer();
  say(a.id, { type: 'requestSchema', data: {} }, 'runtime');
  const { data } = await told('modelSchema');
  expect(data).toEqual(await (await fetch(`${host.base}/schema`)).json());
  for (const change of [{}, { description: 'Another.' }]) {
    model.socket.terminate();
    await model.closed;
    ({ peer: model } = await modelPeer(host.base));
    model.send({ ...INTERFACE, ...change });
    await told('state');
  }
  expect((await told('modelSchema')).data.info).toMatchObject({ description: 'Another.' });
});

test('messages go to all, or to the one client that they are for', async () => {
  await serving();
  const a = await viewer(NAME);
  const b = await viewer();
  const ofAll = await events();
  const ofA = await events(`?client=${NAME}`);
  for (const [client_id, n] of [
    [null, 1],
    [a.clientId, 2],
    [b.clientId, 3],
    [null, 4],
  ]) {
    model.send({ type: 'message', client_id, name: 'landed', data: { n } });
  }
  const heard = [await told('landed'), await told('landed'), await told('landed'), await told('landed')];
  expect(heard.map(({ to, data }) => [to, data.n])).toEqual([
    [[a.id, b.id], 1],
    [[a.id], 2],
    [[b.id], 3],
    [[a.id, b.id], 4],
  ]);
  const message = (n: number, client: string | null) =>
    `event: message\ndata: ${JSON.stringify({ type: 'landed', data: { n }, client_id: client })}\n\n`;
  await ofAll.until(message(4, null));
  await ofA.until(message(4, null));
  expect(ofAll.text).toContain(message(1, null));
  expect([ofAll.text.includes('"n":2'), ofAll.text.includes('"n":3')]).toEqual([false, false]);
  expect(ofA.text).toContain(message(2, a.clientId));
  expect(ofA.text).not.toContain('"n":3');
});

test('curl: a command by HTTP, with its reply', async () => {
  await serving();
  model.answer = ({ type, request_id, client_id, data }) => {
    if (type !== 'command') return;
    const reply = { name: 'landed', data: { client_id, data } };
    model.send({ type: 'command-done', request_id, error: null, reply });
  };
  const answer = await command('set_prompt', '{"prompt": "sea"}');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    ok: true,
    reply: { type: 'landed', data: { client_id: 'http', data: { prompt: 'sea' } } },
  });
  // No parameters need no body.
  expect((await command('jump')).status).toBe(200);
});

test.each([
  ['invalid-command', 422],
  ['command-failed', 500],
  ['out-of-paint', 409],
  ['unauthorized', 409],
])('curl: %s of the model is %i', async (code, status) => {
  await serving();
  model.answer = ({ type, request_id }) => {
    if (type !== 'command') return;
    const error = { code, message: 'no', hint: 'else', field: 'prompt', limit: { le: 4 } };
    model.send({ type: 'command-done', request_id, error, reply: null });
  };
  const body = await expectProblem(await command('jump', '{}'), status, code);
  expect(body).toMatchObject({ field: 'prompt', limit: { le: 4 }, hint: 'else' });
});

test('curl: what never reaches the model is said', async () => {
  await serving();
  const unknown = await expectProblem(await command('jmp', '{}'), 404, 'unknown-command');
  expect(unknown).toMatchObject({ hint: expect.stringContaining('did you mean jump?'), field: null });
  await expectProblem(await command('jump', '{'), 400, 'malformed-message');
  await expectProblem(await command('jump', '[]'), 400, 'malformed-message');
  await expectProblem(
    await command('jump', `{"a": ${'['.repeat(5000)}${']'.repeat(5000)}}`),
    400,
    'malformed-message',
  );
  await expectProblem(await command('jump', JSON.stringify('x'.repeat(300_000))), 413, 'too-large');
  await expectProblem(await command('jump', undefined, { body: '{}' }), 415, 'unsupported-media-type');
  const get = await fetch(`${host.base}/commands/jump`);
  expect(get.headers.get('allow')).toBe('POST, OPTIONS');
  await expectProblem(get, 405, 'method-not-allowed');
  await expectProblem(
    await command('jump', '{}', {
      headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
    }),
    403,
    'forbidden-origin',
  );
});

test('curl: the routes ask for the token as the others do', async () => {
  await serving({ token: 'the-token' });
  await expectProblem(await command('jump', '{}'), 401, 'unauthorized');
  for (const route of ['/session', '/schema/commands/jump']) {
    await expectProblem(await fetch(`${host.base}${route}`), 401, 'unauthorized');
  }
});

test('a command that waits when the model ends fails in words', async () => {
  await serving();
  const waiting = command('jump', '{}');
  await model.next('command');
  model.socket.terminate();
  const lost = await expectProblem(await waiting, 503, 'model-not-ready');
  expect(lost.detail).toBe('the connection to the model ended before it had run jump');
  const none = await expectProblem(await command('jump', '{}'), 503, 'model-not-ready');
  expect(none.detail).toBe('no model is there to run jump');
});

test('the model is told the session and its clients, also when it comes in the middle', async () => {
  await serving();
  const a = await viewer();
  const { session_id } = host.interaction.session;
  expect(await model.next('session')).toMatchObject({ session_id, state: 'started' });
  expect(await model.next('client')).toMatchObject({ client_id: a.clientId, connected: true });
  model.socket.terminate();
  await model.closed;
  ({ peer: model } = await modelPeer(host.base));
  expect(await model.next('session')).toMatchObject({ session_id, state: 'started' });
  expect(await model.next('client')).toMatchObject({ client_id: a.clientId, connected: true });
  encoder.send({ type: 'viewer-state', viewer_id: a.id, state: 'closed' });
  expect(await model.next('client')).toMatchObject({ client_id: a.clientId, connected: false });
});

test('/session and /events tell every state, until the next session', async () => {
  await serving({ sessionGraceS: 5 });
  const session = async () => (await fetch(`${host.base}/session`)).json();
  const { session_id: first } = (await session()) as { session_id: string };
  const stream = await events();
  await stream.until('"state":"ready"');
  const a = await viewer(undefined, OFFER);
  expect(await session()).toMatchObject({
    session_id: first,
    state: 'streaming',
    since_ms: expect.any(Number),
    clients: 1,
    client_ids: [a.clientId],
  });
  model.send({ type: 'state-changed', client_id: null, values: { prompt: 'sea' } });
  await stream.until('event: state-values\ndata: {"client_id":null,"values":{"prompt":"sea"}}');
  encoder.send({ type: 'viewer-state', viewer_id: a.id, state: 'closed' });
  await stream.until('"state":"orphaned"');
  host.pass(4_000);
  expect(await session()).toMatchObject({ session_id: first, state: 'orphaned' });
  host.pass(1_500);
  await model.next('session');
  expect(await model.next('session')).toMatchObject({ session_id: first, state: 'ended' });
  expect(await session()).toMatchObject({ state: 'closing' });
  model.send({ type: 'session-ended', session_id: first });
  await stream.until('"state":"terminated"');
  await vi.waitFor(async () => expect(await session()).toMatchObject({ state: 'ready', clients: 0 }));
  expect(((await session()) as { session_id: string }).session_id).not.toBe(first);
  // The state is of one session.
  expect(host.interaction.values?.values).toEqual(INTERFACE.state);
  const told = [...stream.text.matchAll(/event: session\ndata: .*?"state":"(\w+)"/g)].map(([, each]) => each);
  expect(told.slice(0, 4)).toEqual(['ready', 'waiting', 'streaming', 'orphaned']);
});

test('a model that does not say that it has ended a session is not waited for', async () => {
  await serving({ sessionGraceS: 0 });
  const a = await viewer(undefined, OFFER);
  encoder.send({ type: 'viewer-state', viewer_id: a.id, state: 'closed' });
  await vi.waitFor(() => expect(host.interaction.session.state).toBe('closing'));
  host.pass(10_000);
  expect(host.interaction.session.state).toBe('ready');
});

test('an encoder page that is opened again keeps the session, and the client its id', async () => {
  await serving();
  const a = await viewer(NAME);
  const { session_id } = host.interaction.session;
  encoder.socket.terminate();
  await vi.waitFor(() => expect(host.interaction.session.state).toBe('orphaned'));
  encoder = await encoderPeer(host.base);
  const again = await viewer(NAME);
  expect(again.clientId).toBe(a.clientId);
  expect(again.id).not.toBe(a.id);
  expect(host.interaction.session).toMatchObject({ session_id, state: 'streaming' });
});

test('a client that comes again takes its own place, also where all are taken', async () => {
  await serving({ maxViewers: 1 });
  const a = await viewer(NAME);
  const again = await viewer(NAME);
  expect(await encoder.next('viewer-close')).toMatchObject({ viewer_id: a.id });
  expect(host.viewers.all.map(({ id }) => id)).toEqual([again.id]);
  const other = await fetch(`${host.base}/whep`, { method: 'POST', headers: SDP, body: OFFER });
  await expectProblem(other, 503, 'too-many-viewers');
  const bad = await fetch(`${host.base}/whep?client=${again.clientId}`, {
    method: 'POST',
    headers: SDP,
    body: OFFER,
  });
  await expectProblem(bad, 400, 'bad-client');
});

test('a host that ends tells viewers and the model', async () => {
  await serving();
  const a = await viewer();
  host.interaction.end('the host ends');
  expect(await told('sessionEnded')).toMatchObject({ to: [a.id], data: { reason: 'the host ends' } });
  await model.next('session');
  expect(await model.next('session')).toMatchObject({ state: 'ended' });
});
