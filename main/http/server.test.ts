import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { hostStats } from '../../protocol/stats.ts';
import type { Config } from '../config.ts';
import type { HostState } from '../host-state.ts';
import { pageReport } from '../test-statistics.ts';
import type { Viewers } from '../viewers.ts';
import type { HttpServer } from './server.ts';
import {
  encoderPeer as connectEncoder,
  modelPeer as connectModel,
  EventText,
  expectProblem,
  HELLO,
  OFFER,
  modelSocket as openModelSocket,
  Peer,
  SDP,
  startHost,
} from './test-host.ts';

const FRAGMENT = { 'content-type': 'application/trickle-ice-sdpfrag' };
const CANDIDATE = 'm=audio 9 X 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n';
const RESTART = `a=ice-ufrag:efgh\r\na=ice-pwd:${'y'.repeat(22)}\r\n${CANDIDATE}`;

let stop: (() => Promise<void>)[] = [];
let server: HttpServer;
let state: HostState;
let viewers: Viewers;
let base: string;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pages-'));
  for (const page of ['viewer', 'encoder']) {
    mkdirSync(path.join(folder, page));
    writeFileSync(path.join(folder, page, 'index.html'), `<p>${page}</p>`);
    writeFileSync(path.join(folder, page, `${page}.js`), '1');
  }
});
afterEach(async () => {
  for (const each of stop.reverse()) await each();
  stop = [];
  rmSync(folder, { recursive: true });
});

async function host(change: Partial<Config> = {}): Promise<void> {
  ({ server, state, viewers, base } = await startHost(folder, change));
  stop.push(() => server.close());
}

const encoderPeer = () => connectEncoder(base);
const modelSocket = (secret?: string) => openModelSocket(base, secret);
const modelPeer = (secret?: string) => connectModel(base, secret);

async function serving(change: Partial<Config> = {}): Promise<Peer> {
  await host(change);
  await modelPeer();
  return encoderPeer();
}

const post = (query = '', init: RequestInit = {}) =>
  fetch(`${base}/whep${query}`, { method: 'POST', headers: SDP, body: OFFER, ...init });

test('POST, PATCH, ICE restart and DELETE go their way', async () => {
  const iceServers = [{ urls: 'turn:turn.example', username: 'u', credential: 'p"w' }];
  const encoder = await serving({ iceServers });
  expect(encoder.socket.protocol).toBe('reactor-host');
  const answer = await post('?codec=vp8,av1&tracks=main_video');
  expect(answer.status).toBe(201);
  expect(answer.headers.get('content-type')).toBe('application/sdp');
  expect(answer.headers.get('accept-patch')).toBe('application/trickle-ice-sdpfrag');
  expect(answer.headers.get('link')).toBe(
    '<turn:turn.example>; rel="ice-server"; username="u"; credential="p\\"w"; credential-type="password"',
  );
  expect(await answer.text()).toBe('v=0\r\nanswer');
  expect(await encoder.next('viewer-offer')).toMatchObject({
    sdp: OFFER,
    codecs: ['vp8', 'av1'],
    tracks: ['main_video'],
  });
  const location = answer.headers.get('location') ?? '';
  expect(location).toMatch(/^\/whep\/[\w-]{22}$/);
  const etag = answer.headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[^"]+"$/);

  const patch = (body: string, headers: Record<string, string>) =>
    fetch(`${base}${location}`, { method: 'PATCH', body, headers: { ...FRAGMENT, ...headers } });
  expect((await patch(CANDIDATE, { 'if-match': etag })).status).toBe(204);
  expect(await encoder.next('viewer-candidates')).toMatchObject({
    candidates: [{ mid: '0', candidate: 'candidate:1 1 udp 1 192.0.2.1 1 typ host' }],
    end_of_candidates: false,
  });
  const ofCurrentUfrag = `a=ice-ufrag:${/a=ice-ufrag:(\S+)/.exec(OFFER)?.[1]}\r\n${CANDIDATE}`;
  expect((await patch(ofCurrentUfrag, {})).status, 'without If-Match').toBe(204);
  await expectProblem(await patch(CANDIDATE, {}), 428, 'precondition-required');
  await expectProblem(await patch(RESTART, {}), 428, 'precondition-required');
  await expectProblem(await patch(CANDIDATE, { 'if-match': '"other"' }), 412, 'precondition-failed');
  await expectProblem(
    await patch(CANDIDATE, { 'content-type': 'text/plain' }),
    415,
    'unsupported-media-type',
  );
  await expectProblem(await patch('{}', { 'if-match': etag }), 400, 'malformed-fragment');

  const restarted = await patch(RESTART, { 'if-match': '*' });
  expect(restarted.status).toBe(200);
  expect(await restarted.text()).toContain('a=ice-ufrag:ours\r\n');
  const newEtag = restarted.headers.get('etag') ?? '';
  expect(newEtag).not.toBe(etag);
  expect(await encoder.next('viewer-restart')).toMatchObject({ ice_ufrag: 'efgh' });
  await expectProblem(await patch(CANDIDATE, { 'if-match': etag }), 412, 'precondition-failed');
  // The same credentials again are no second restart.
  expect((await patch(RESTART, { 'if-match': newEtag })).status).toBe(204);

  const { viewer_id } = { viewer_id: location.slice('/whep/'.length) };
  expect((await fetch(`${base}${location}`, { method: 'DELETE' })).status).toBe(200);
  expect(await encoder.next('viewer-close')).toMatchObject({ viewer_id });
  await expectProblem(await fetch(`${base}${location}`, { method: 'DELETE' }), 404, 'unknown-viewer');
});

test('what is wrong with an offer is said', async () => {
  await serving();
  await expectProblem(
    await post('', { headers: { 'content-type': 'application/json' } }),
    415,
    'unsupported-media-type',
  );
  await expectProblem(await post('', { body: '' }), 400, 'malformed-offer');
  await expectProblem(await post('', { body: 'hello' }), 400, 'malformed-offer');
  await expectProblem(await post('', { body: `v=0\r\n${'x'.repeat(600_000)}` }), 413, 'too-large');
  const codec = await expectProblem(await post('?codec=vp7'), 400, 'unknown-codec');
  expect(codec.hint).toContain('vp9, h264, vp8, av1');
  await expectProblem(await post('?codec=h264'), 406, 'no-common-codec');
  const track = await expectProblem(await post('?tracks=main_vido'), 400, 'unknown-track');
  expect(track).toMatchObject({ detail: 'unknown track main_vido, did you mean main_video?' });
  expect(track.hint).toContain('main_video');
});

test('a refusal of the encoder page keeps its code and words', async () => {
  const encoder = await serving();
  encoder.answer = ({ type, request_id }) => {
    if (type !== 'viewer-offer') return;
    encoder.send({
      type: 'request-failed',
      request_id,
      error: { code: 'malformed-offer', message: 'bad m-line', hint: 'fix it' },
    });
  };
  expect(await expectProblem(await post(), 400, 'malformed-offer')).toMatchObject({
    detail: 'bad m-line',
    hint: 'fix it',
  });
});

test('without a model or an encoder page it is 503 with Retry-After, and comes right by itself', async () => {
  await host();
  const noModel = await post();
  expect(noModel.headers.get('retry-after')).toBe('2');
  await expectProblem(noModel, 503, 'model-not-ready');
  expect((await fetch(`${base}/health`)).status).toBe(503);
  await modelPeer();
  await expectProblem(await post(), 503, 'encoder-not-ready');
  await encoderPeer();
  expect((await post()).status).toBe(201);
  expect(await (await fetch(`${base}/health`)).json()).toMatchObject({
    status: 'ok',
    engine: 'chromium',
    encoder: { connected: true, generation: 1 },
    model: { state: 'running', name: 'Test' },
    viewers: 1,
  });
});

test('an encoder page that dies takes its viewers with it', async () => {
  const encoder = await serving();
  const first = await post();
  const gone = new Promise<void>((resolve) => {
    state.changed.on((snapshot) => snapshot.encoder.connected || resolve());
  });
  encoder.answer = () => {};
  const pending = post();
  await encoder.next('viewer-offer');
  await encoder.next('viewer-offer');
  encoder.socket.terminate();
  await gone;
  await expectProblem(await pending, 503, 'encoder-not-ready');
  const location = first.headers.get('location');
  await expectProblem(await fetch(`${base}${location}`, { method: 'DELETE' }), 404, 'unknown-viewer');
  expect(viewers.size).toBe(0);
  await encoderPeer();
  expect(state.snapshot.encoder).toEqual({ connected: true, generation: 2 });
});

test('a viewer whose connection failed frees its place', async () => {
  const encoder = await serving({ maxViewers: 1 });
  expect((await post()).status).toBe(201);
  await expectProblem(await post(), 503, 'too-many-viewers');
  const { viewer_id } = await encoder.next('viewer-offer');
  const left = new Promise<void>((resolve) =>
    viewers.changed.on((_, viewerState) => viewerState === 'closed' && resolve()),
  );
  encoder.send({ type: 'viewer-state', viewer_id, state: 'failed' });
  await left;
  expect((await post()).status).toBe(201);
});

test('too many sessions from one address are put off', async () => {
  await serving({ maxViewers: 1 });
  let response = await post();
  for (let i = 0; i < 60 && response.status !== 429; i++) response = await post();
  expect(response.headers.get('retry-after')).toBe('1');
  await expectProblem(response, 429, 'too-many-requests');
});

test('OPTIONS, other methods and unknown addresses', async () => {
  await serving();
  const options = await fetch(`${base}/whep`, { method: 'OPTIONS' });
  expect([options.status, options.headers.get('accept-post')]).toEqual([204, 'application/sdp']);
  const get = await fetch(`${base}/whep`);
  expect(get.headers.get('allow')).toBe('POST, OPTIONS');
  await expectProblem(get, 405, 'method-not-allowed');
  await expectProblem(await fetch(`${base}/nothing`), 404, 'not-found');
  await expectProblem(await fetch(`${base}/..%2f..%2fpackage.json`), 404, 'not-found');
});

test('a page of this machine may connect across ports, one of elsewhere may not', async () => {
  await serving();
  const preflight = (origin: string) =>
    fetch(`${base}/whep`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
  const allowed = await preflight('http://localhost:3000');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
  expect(allowed.headers.get('access-control-allow-headers')).toContain('If-Match');
  const answer = await post('', { headers: { ...SDP, origin: 'http://localhost:3000' } });
  expect(answer.headers.get('access-control-expose-headers')).toContain('Location');
  const refused = await preflight('https://evil.example');
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  await expectProblem(refused, 403, 'forbidden-origin');
  await expectProblem(
    await post('', { headers: { ...SDP, origin: 'https://evil.example' } }),
    403,
    'forbidden-origin',
  );
  // A problem must be readable across origins too.
  const problem = await post('?codec=vp7', { headers: { ...SDP, origin: 'http://localhost:3000' } });
  expect(problem.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
});

test('a Host header of elsewhere is refused', async () => {
  await host();
  const response = await new Promise<string>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write('GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
  expect(response).toMatch(/^HTTP\/1.1 403/);
  expect(response).toContain('bad-host-header');
});

test('with a token every viewer route asks for it, and the link leaves a cookie', async () => {
  const encoder = await serving({ token: 'the-token' });
  for (const route of ['/schema', '/events', '/metrics', '/viewer.js']) {
    const response = await fetch(`${base}${route}`);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    await expectProblem(response, 401, 'unauthorized');
  }
  await expectProblem(await post(), 401, 'unauthorized');
  expect((await fetch(`${base}/`)).status).toBe(401);
  expect((await fetch(`${base}/?token=wrong-one`)).status).toBe(401);
  expect(await (await fetch(`${base}/health`)).json()).toEqual({ status: 'ok' });

  const bearer = { authorization: 'Bearer the-token' };
  expect((await post('', { headers: { ...SDP, ...bearer, origin: 'https://app.example' } })).status).toBe(
    201,
  );
  expect(await encoder.next('viewer-offer')).toBeTruthy();

  const login = await fetch(`${base}/?token=the-token`, { redirect: 'manual' });
  expect([login.status, login.headers.get('location')]).toEqual([303, '/']);
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = await fetch(`${base}/`, { headers: { cookie } });
  expect(await page.text()).toBe('<p>viewer</p>');
  expect((await fetch(`${base}/schema`, { headers: { cookie } })).status).toBe(200);
  const preflight = await fetch(`${base}/whep`, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
  });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
});

test('pages come with a strict policy', async () => {
  await host();
  const viewer = await fetch(`${base}/`);
  expect(viewer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  expect((await fetch(`${base}/viewer.js`)).headers.get('content-type')).toMatch(/^text\/javascript/);
  const encoder = await fetch(`${base}/encoder/`);
  expect(await encoder.text()).toBe('<p>encoder</p>');
  expect(encoder.headers.get('content-security-policy')).toContain(
    `connect-src ws://127.0.0.1:${server.port};`,
  );
});

test('/metrics and the stats of /events tell the same report of the encoder page', async () => {
  const encoder = await serving();
  const { location = '' } = Object.fromEntries((await post()).headers);
  const viewer_id = location.replace('/whep/', '');
  const events = await fetch(`${base}/events`);
  encoder.send(pageReport([viewer_id, 'unknown-viewer']));
  const reader = (events.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  let told: string | undefined;
  while (told === undefined) {
    text += Buffer.from((await reader.read()).value ?? []).toString();
    told = /^event: stats\ndata: (.*"viewer_id".*)\n\n/m.exec(text)?.[1];
  }
  await reader.cancel();
  const stats = hostStats.parse(JSON.parse(told));
  expect(stats.viewers.map((each) => each.viewer_id)).toEqual([viewer_id.slice(0, 8)]);
  expect(told).not.toContain('"pictures"');
  const metrics = await fetch(`${base}/metrics`);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0.0.4/);
  const lines = await metrics.text();
  expect(lines).toContain(
    `reactor_host_sender_nacks_total{viewer="${viewer_id.slice(0, 8)}",track="main_video"} 5`,
  );
  expect(lines).not.toContain(viewer_id);
});

test('/schema lists the tracks; /events tells the state at once and when it changes', async () => {
  await host();
  const events = await fetch(`${base}/events`);
  expect(events.headers.get('content-type')).toBe('text/event-stream');
  const told = new EventText(events);
  await told.until('event: state\ndata: {"model":{"state":"starting"');
  await modelPeer();
  await told.until('"state":"running","name":"Test"');
  await encoderPeer();
  await told.until('"encoder":{"connected":true,"generation":1}');
  await told.close();
  expect(await (await fetch(`${base}/schema`)).json()).toMatchObject({
    openapi: '3.1.0',
    'x-tracks': HELLO.tracks,
  });
});

test('a picture travels from model to encoder page as it is, its acknowledgement back', async () => {
  await host();
  const { peer: model, welcome } = await modelPeer();
  expect(welcome).toMatchObject({
    version: PROTOCOL_VERSION,
    ring: { path: '/ring' },
    video_window_frames: 2,
  });
  const encoder = await encoderPeer();
  const picture = {
    type: 'video',
    track: 'main_video',
    seq: 0,
    capture_us: 2 ** 40,
    sent_us: 2 ** 40,
    format: 'i420',
    width: 2,
    height: 2,
    coded_width: 2,
    coded_height: 2,
    dropped: 0,
    slot: null,
    bytes: 6,
  };
  model.send(picture, new Uint8Array(6));
  expect(await encoder.next('video')).toEqual(picture);
  encoder.send({ type: 'ack', track: 'main_video', seq: 0 });
  expect(await model.next('ack')).toEqual({ type: 'ack', track: 'main_video', seq: 0 });
});

test('a remote model gets no ring', async () => {
  await host();
  const { welcome } = await modelPeer('secret-of-remote-models');
  expect(welcome.ring).toBeNull();
});

test.each([
  [
    'another version',
    { ...HELLO, version: 99 },
    'version-mismatch',
    `version 99 of the protocol, this host version ${PROTOCOL_VERSION}`,
  ],
  ['no tracks', { ...HELLO, tracks: [] }, 'bad-hello', 'tracks'],
  ['no hello at all', { type: 'status', state: 'running' }, 'bad-hello', 'type'],
])('a model with %s is refused in words', async (_, hello, code, words) => {
  await host();
  const peer = await modelSocket().open();
  peer.send(hello);
  const { error } = await peer.next('refused');
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining(words),
    hint: expect.stringMatching(/./),
  });
  await peer.closed;
});

test('a second model is refused while the first is alive', async () => {
  await host();
  const { peer: first } = await modelPeer();
  const second = await modelSocket().open();
  second.send(HELLO);
  expect(await second.next('refused')).toMatchObject({ error: { code: 'model-already-connected' } });
  first.socket.terminate();
  await modelPeer();
});

test('a model that breaks the protocol is refused and can come again', async () => {
  await host();
  const { peer } = await modelPeer();
  peer.socket.send(Buffer.from([1, 2, 3]));
  expect(await peer.next('refused')).toMatchObject({ error: { code: 'bad-message' } });
  await peer.closed;
  await modelPeer();
});

test('a new encoder page takes the place of the old', async () => {
  const old = await serving();
  await encoderPeer();
  await old.closed;
  expect(state.snapshot.encoder).toEqual({ connected: true, generation: 2 });
});

test('without the secret nobody connects', async () => {
  await host();
  await expect(modelSocket('wrong').open()).rejects.toThrow('401');
  const url = `${base.replace('http', 'ws')}/encoder`;
  await expect(new Peer(url, ['reactor-host', 'bearer.model-secret']).open()).rejects.toThrow('401');
  await expect(new Peer(url, []).open()).rejects.toThrow('401');
  await expect(new Peer(`${base.replace('http', 'ws')}/else`, []).open()).rejects.toThrow('404');
});

test('a port in use is said with a hint', async () => {
  await host();
  const { port } = server;
  await expect(host({ port })).rejects.toMatchObject({
    code: 'port-in-use',
    message: `port ${port} on 127.0.0.1 is in use by another program`,
    hint: expect.stringContaining('--port'),
  });
});
