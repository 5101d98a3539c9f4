import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostStats } from '../../protocol/stats.ts';
import type { Config } from '../config.ts';
import {
  EventText,
  encoderPeer,
  expectProblem,
  modelPeer,
  OFFER,
  type Peer,
  SDP,
  startHost,
  type TestHost,
} from './test-host.ts';

let folder: string;
let host: TestHost;
let peers: Peer[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pages-'));
  for (const page of ['viewer', 'debug']) {
    mkdirSync(path.join(folder, page));
    writeFileSync(path.join(folder, page, 'index.html'), `<p>${page}</p>`);
    writeFileSync(path.join(folder, page, `${page}.js`), '1');
  }
});
afterEach(async () => {
  for (const { socket } of peers) socket.terminate();
  peers = [];
  await host.server.close();
  rmSync(folder, { recursive: true });
});

async function start(change: Partial<Config> = {}): Promise<Peer> {
  host = await startHost(folder, change);
  const encoder = await encoderPeer(host.base);
  const { peer } = await modelPeer(host.base);
  peers = [encoder, peer];
  return encoder;
}

function act(action: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${host.base}/debug/actions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof action === 'string' ? action : JSON.stringify(action),
  });
}

/** The id by which the viewer is shown. */
async function join(query = '', headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${host.base}/whep${query}`, {
    method: 'POST',
    headers: { ...SDP, ...headers },
    body: OFFER,
  });
  expect(response.status).toBe(201);
  return (response.headers.get('location') ?? '').split('/').pop()?.slice(0, 8) ?? '';
}

test('the page and its files are served, with a policy of their own', async () => {
  await start();
  for (const [file, text] of [
    ['debug', '<p>debug</p>'],
    ['debug/debug.js', '1'],
  ]) {
    const response = await fetch(`${host.base}/${file}`);
    expect([response.status, await response.text()]).toEqual([200, text]);
    expect(response.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*img-src 'self' data: blob:/,
    );
  }
  await expectProblem(await fetch(`${host.base}/debug/missing.js`), 404, 'not-found');
});

test.each([
  ['nobody', {}],
  ['a viewer', { authorization: 'Bearer a-secret-token' }],
])('with tokens nothing of it is open to %s', async (_who, headers) => {
  await start({ token: 'a-secret-token', operatorToken: 'an-operators-token' });
  for (const file of ['debug/history', 'debug/log', 'debug/bundle', 'debug/debug.js'])
    await expectProblem(await fetch(`${host.base}/${file}`, { headers }), 401, 'unauthorized');
  await expectProblem(await act({ action: 'restart-model' }, headers), 401, 'unauthorized');
  const observe = { method: 'POST', headers: { ...SDP, ...headers }, body: OFFER };
  await expectProblem(await fetch(`${host.base}/whep?observer=1`, observe), 401, 'unauthorized');
  for (const query of ['', '?token=a-secret-token'])
    expect((await fetch(`${host.base}/debug${query}`, { headers })).status).toBe(401);
});

test('its link leaves the token behind, and the link of viewers takes nothing away', async () => {
  await start({ token: 'a-secret-token', operatorToken: 'an-operators-token' });
  const open = async (link: string, cookie: string) => {
    const response = await fetch(`${host.base}${link}`, { headers: { cookie }, redirect: 'manual' });
    const set = response.headers.get('set-cookie')?.split(';')[0];
    return [response.status, response.headers.get('location'), set] as const;
  };
  const [, , viewer = ''] = await open('/?token=a-secret-token', '');
  expect((await fetch(`${host.base}/debug`, { headers: { cookie: viewer } })).status).toBe(401);
  const [status, location, cookie = ''] = await open('/debug?token=an-operators-token', viewer);
  expect([status, location]).toEqual([303, '/debug']);
  for (const page of ['debug', 'debug/history', ''])
    expect((await fetch(`${host.base}/${page}`, { headers: { cookie } })).status).toBe(200);
  expect(await open('/?token=a-secret-token', cookie)).toEqual([303, '/', undefined]);
});

test.each([
  ['a page of this machine', { origin: 'http://localhost:3000' }],
  ['an allowed page', { origin: 'https://app.example' }],
  ['an image or a form without Origin', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
])('no other page may act or look: %s', async (_who, headers) => {
  await start({ corsOrigins: ['https://app.example', 'http://localhost:3000'] });
  await expectProblem(await act({ action: 'restart-model' }, headers), 403, 'forbidden-origin');
  await expectProblem(await fetch(`${host.base}/debug/bundle`, { headers }), 403, 'forbidden-origin');
  const observe = { method: 'POST', headers: { ...SDP, ...headers }, body: OFFER };
  await expectProblem(await fetch(`${host.base}/whep?observer=1`, observe), 403, 'forbidden-origin');
});

test('an observer is no client: it is not counted, and opens no session', async () => {
  const encoder = await start({ maxViewers: 1 });
  const own = { origin: host.base, 'sec-fetch-site': 'same-origin' };
  const observer = await join('?observer=1', own);
  expect(await encoder.next('viewer-offer')).toMatchObject({ observer: true });
  const [{ id } = { id: '' }] = host.viewers.all;
  encoder.send({ type: 'viewer-state', viewer_id: id, state: 'connected' });
  await join();
  expect(await encoder.next('viewer-offer')).toMatchObject({ observer: false });
  expect(host.viewers.get(id)?.state).toBe('connected');
  expect(host.viewers.all.map((each) => [each.id.slice(0, 8) === observer, each.connected])).toEqual([
    [true, false],
    [false, false],
  ]);
  expect(host.interaction.session).toMatchObject({ state: 'waiting', clients: 0 });
  const second = await fetch(`${host.base}/whep`, { method: 'POST', headers: SDP, body: OFFER });
  await expectProblem(second, 503, 'too-many-viewers');
  await join('?observer=1', own);
});

test('an observer alone leaves the session where it was', async () => {
  const encoder = await start();
  await join('?observer=1');
  const [{ id } = { id: '' }] = host.viewers.all;
  encoder.send({ type: 'viewer-state', viewer_id: id, state: 'connected' });
  encoder.send({ type: 'viewer-channel', viewer_id: id, open: true });
  const told = await encoder.next('tell-viewers');
  expect(told).toMatchObject({
    viewer_ids: [id],
    message: { data: { type: 'session', data: { clients: 0 } } },
  });
  expect(host.interaction.session).toMatchObject({ state: 'ready', clients: 0 });
});

test.each([
  [{ action: 'key-frame' }, { type: 'key-frame' }],
  [
    { action: 'bitrate-cap', max_bitrate_bps: 800_000 },
    { type: 'bitrate-cap', max_bitrate_bps: 800_000 },
  ],
  [
    { action: 'bitrate-cap', max_bitrate_bps: null },
    { type: 'bitrate-cap', max_bitrate_bps: null },
  ],
  [
    { action: 'codec', codec: 'h264' },
    { type: 'codec', codec: 'h264' },
  ],
])('%j reaches the encoder page', async (action, control) => {
  const encoder = await start();
  const viewer_id = await join();
  const response = await act({ ...action, viewer_id });
  expect(response.status).toBe(200);
  const [{ id } = { id: '' }] = host.viewers.all;
  expect(await encoder.next('viewer-control')).toMatchObject({ viewer_id: id, control });
});

test('a viewer that is disconnected is told why, and gone', async () => {
  const encoder = await start();
  const viewer_id = await join();
  expect((await act({ action: 'disconnect', viewer_id })).status).toBe(200);
  expect(host.viewers.size).toBe(0);
  await encoder.next('viewer-close');
  // Its channel was not open; test/e2e/debug.once.spec.ts has one that is.
  await expectProblem(await act({ action: 'disconnect', viewer_id }), 404, 'unknown-viewer');
});

test.each([
  ['not JSON', '{'],
  ['no action', {}],
  ['an unknown action', { action: 'shutdown' }],
  ['a cap that is none', { action: 'bitrate-cap', viewer_id: 'a', max_bitrate_bps: -1 }],
  ['a codec nobody knows', { action: 'codec', viewer_id: 'a', codec: 'theora' }],
  ['more than an action', { action: 'key-frame', viewer_id: 'a', command: 'rm' }],
])('refused: %s', async (_what, action) => {
  await start();
  await expectProblem(await act(action), 400, 'bad-action');
});

test('an action is JSON, and small', async () => {
  await start();
  const text = { 'content-type': 'text/plain' };
  await expectProblem(await act({ action: 'restart-model' }, text), 415, 'unsupported-media-type');
  await expectProblem(await act(`"${'x'.repeat(10_000)}"`), 413, 'too-large');
});

test('the bundle has all that helps, and nothing that lets anyone in', async () => {
  await start({
    token: 'a-secret-token',
    operatorToken: 'an-operators-token',
    iceServers: [{ urls: 'turn:turn.example', username: 'me', credential: 'turn-password' }],
  });
  const headers = { authorization: 'Bearer an-operators-token' };
  await join('', headers);
  host.ring.write(JSON.stringify({ level: 30, time: 1, msg: 'open http://127.0.0.1/?token=a-secret-token' }));
  host.history.add({ time_ms: 5, viewers: [] } as unknown as HostStats);
  const response = await fetch(`${host.base}/debug/bundle`, { headers });
  expect(response.headers.get('content-disposition')).toMatch(
    /^attachment; filename="reactor-host-.*\.json"$/,
  );
  const text = await response.text();
  const [{ id } = { id: '' }] = host.viewers.all;
  for (const secret of [
    'a-secret-token',
    'an-operators-token',
    'turn-password',
    'secret-of-remote-models',
    '0123456789012345678901',
    id,
  ])
    expect(text).not.toContain(secret);
  expect(JSON.parse(text)).toMatchObject({
    versions: {
      reactor_host: expect.any(String),
      engine: 'chromium',
      user_agent: 'test',
      node: expect.any(String),
    },
    config: { token: '[secret]', operatorToken: '[secret]', hostSecret: '[secret]' },
    state: { model: { name: 'Test' } },
    viewers: [
      { viewer_id: id.slice(0, 8), offer: expect.stringContaining('VP8/90000'), answer: expect.any(String) },
    ],
    schema: { openapi: expect.any(String) },
    stats_history: [{ time_ms: 5 }],
    log: [{ message: 'open http://127.0.0.1/?token=[secret]' }],
  });
});

test('the log is told from the beginning, then line by line', async () => {
  await start();
  host.ring.write(JSON.stringify({ level: 30, time: 1, msg: 'before' }));
  const told = new EventText(await fetch(`${host.base}/debug/log`));
  await told.until('before');
  host.ring.write(JSON.stringify({ level: 40, time: 2, msg: 'after', viewer: 'abcd' }));
  await told.until('after');
  const lines = [...told.text.matchAll(/^event: lines\ndata: (.*)$/gm)].flatMap(([, data]) =>
    JSON.parse(data ?? ''),
  );
  expect(lines).toMatchObject([
    { sequence: 1, level: 'info', message: 'before' },
    { sequence: 2, level: 'warn', message: 'after', fields: { viewer: 'abcd' } },
  ]);
  await told.close();
});
