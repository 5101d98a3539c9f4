import type { Page } from 'playwright/test';
import { PageServer } from '../fixtures/page-server.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

/** A browser's own offer, so that what the host parses is what hosts really get. */
async function browserOffer(page: Page, kinds: ('video' | 'audio')[] = ['video', 'audio']): Promise<string> {
  return page.evaluate(async (wanted) => {
    const connection = new RTCPeerConnection();
    for (const kind of wanted) connection.addTransceiver(kind, { direction: 'recvonly' });
    await connection.setLocalDescription(await connection.createOffer());
    return connection.localDescription?.sdp ?? '';
  }, kinds);
}

/** The track name of each section that has one. */
const trackNames = (sdp: string) =>
  sdp.split(/^m=/m).flatMap((section) => /^a=msid:\S+ (\S+)/m.exec(section)?.[1] ?? []);

const post = (url: string, body: string, type = 'application/sdp') =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': type } });

test('WHEP: created, trickled, restarted, deleted, with names in a=msid and the right headers', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({
    model: 'test/models/pattern.py',
    env: { REACTOR_HOST_ICE_SERVERS: 'stun:127.0.0.1:3478' },
  });
  await viewerPage.goto(host.url);
  const offer = await browserOffer(viewerPage, ['video', 'video', 'audio', 'audio']);
  const created = await post(`${host.url}whep`, offer);
  expect(created.status).toBe(201);
  expect(created.headers.get('content-type')).toBe('application/sdp');
  expect(created.headers.get('link')).toContain('<stun:127.0.0.1:3478>; rel="ice-server"');
  const resource = new URL(created.headers.get('location') ?? '', host.url).href;
  const etag = created.headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[^"]+"$/);
  const answer = await created.text();
  expect(trackNames(answer)).toEqual(['main_video', 'second_video', 'main_audio']);
  expect(answer).toContain('a=candidate:');
  // The fourth offered section has no track to carry.
  expect(answer.split(/^m=/m)[4]).toContain('a=inactive');

  const [ufrag, pwd] = ['ice-ufrag', 'ice-pwd'].map(
    (name) => offer.match(new RegExp(`a=${name}:(\\S+)`))?.[1],
  );
  const fragment = (u = ufrag, p = pwd, port = 50_000) =>
    [
      `a=ice-ufrag:${u}`,
      `a=ice-pwd:${p}`,
      'm=video 9 UDP/TLS/RTP/SAVPF 0',
      'a=mid:0',
      `a=candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host`,
      'a=end-of-candidates',
      '',
    ].join('\r\n');
  const patch = (body: string, ifMatch?: string) =>
    fetch(resource, {
      method: 'PATCH',
      body,
      headers: {
        'content-type': 'application/trickle-ice-sdpfrag',
        ...(ifMatch ? { 'if-match': ifMatch } : {}),
      },
    });
  expect((await patch(fragment(), etag)).status).toBe(204);
  expect((await patch(fragment(), '"another"')).status).toBe(412);

  const restarted = await patch(fragment('newu', 'aNewPasswordOfEnoughCharacters'), '*');
  expect(restarted.status).toBe(200);
  expect(restarted.headers.get('content-type')).toBe('application/trickle-ice-sdpfrag');
  expect(restarted.headers.get('etag')).not.toBe(etag);
  const restartedBody = await restarted.text();
  expect(restartedBody).toMatch(/a=ice-ufrag:\S+/);
  expect(restartedBody).not.toContain(answer.match(/a=ice-ufrag:(\S+)/)?.[1]);

  expect((await fetch(resource, { method: 'DELETE' })).status).toBe(200);
  expect((await fetch(resource, { method: 'DELETE' })).status).toBe(404);
  expect((await patch(fragment(), '*')).status).toBe(404);
});

// A page that does nothing by itself, and a WHEP client in it that keeps its connection in `window.connection`.
const clientPage = '<!doctype html><title>client</title><video autoplay muted playsinline></video>';
interface ClientWindow {
  connection: RTCPeerConnection;
}

test('WHEP: an ICE restart gives a playing viewer a new path, and the picture goes on', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const server = await PageServer.start({ '/': { html: clientPage } });
  try {
    const viewer = new PatternViewer(viewerPage);
    await viewer.open(server.url);
    const resource = await viewerPage.evaluate(play, `${host.url}whep`);
    const moves = async (what: string) => {
      const first = await viewer.counter('main_video');
      await waitUntil(
        what,
        () => viewer.counter('main_video'),
        (counter) => counter > first + 15,
      );
    };
    await moves('the picture moves');
    const before = await viewerPage.evaluate(pathInUse);

    const { status, own, theirs, candidates } = await viewerPage.evaluate(restartIce, resource);
    expect(status).toBe(200);
    expect(candidates, 'candidates in the answer to the restart').toBeGreaterThan(0);
    expect(own).not.toBe(before?.own);
    expect(theirs).not.toBe(before?.theirs);
    // Until then packets take the old path, over which the picture would move with a failed restart as well.
    await waitUntil(
      'the new credentials are those of the path in use',
      () => viewerPage.evaluate(pathInUse),
      (now) => now?.own === own && now?.theirs === theirs,
    );
    await moves('the picture moves on');
    expect(
      await viewerPage.evaluate(() => (window as unknown as ClientWindow).connection.connectionState),
    ).toBe('connected');
  } finally {
    await server.stop();
  }
});

/** Runs in the page: plays the first video track. Returns the address of the session. */
async function play(url: string): Promise<string> {
  const connection = new RTCPeerConnection();
  Object.assign(window, { connection });
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.ontrack = ({ track }) => {
    const video = document.querySelector('video');
    if (video) video.srcObject = new MediaStream([track]);
  };
  const gathered = new Promise<void>((resolve) => {
    connection.onicecandidate = ({ candidate }) => candidate ?? resolve();
  });
  await connection.setLocalDescription();
  await gathered;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: connection.localDescription?.sdp ?? '',
  });
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  return new URL(response.headers.get('location') ?? '', response.url).href;
}

/** Runs in the page: restarts ICE as RFC 9725 section 4.3.3 says. Returns both new user name fragments, and more. */
async function restartIce(resource: string): Promise<{
  status: number;
  own: string;
  theirs: string;
  candidates: number;
}> {
  const { connection } = window as unknown as ClientWindow;
  const value = (sdp: string, name: string) => new RegExp(`^a=${name}:(.*)$`, 'm').exec(sdp)?.[1] ?? '';
  const answer = connection.remoteDescription?.sdp ?? '';
  const gathered = new Promise<void>((resolve) => {
    connection.onicecandidate = ({ candidate }) => candidate ?? resolve();
  });
  await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
  await gathered;
  const offer = connection.localDescription?.sdp ?? '';
  const lines = [
    `a=ice-ufrag:${value(offer, 'ice-ufrag')}`,
    `a=ice-pwd:${value(offer, 'ice-pwd')}`,
    'm=video 9 UDP/TLS/RTP/SAVPF 0',
    `a=mid:${value(offer, 'mid')}`,
    ...(offer.match(/^a=candidate:.*$/gm) ?? []),
    'a=end-of-candidates',
  ];
  const response = await fetch(resource, {
    method: 'PATCH',
    headers: { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*' },
    body: `${lines.join('\r\n')}\r\n`,
  });
  const fragment = await response.text();
  const [ufrag, pwd] = [value(fragment, 'ice-ufrag'), value(fragment, 'ice-pwd')];
  const candidates = fragment.match(/^a=candidate:.*$/gm) ?? [];
  const sdp = answer
    .replace(/^a=(candidate:.*|end-of-candidates)\r\n/gm, '')
    .replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${ufrag}`)
    .replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${pwd}`);
  await connection.setRemoteDescription({ type: 'answer', sdp });
  for (const line of candidates) {
    await connection.addIceCandidate({ candidate: line.slice(2), sdpMid: value(offer, 'mid') });
  }
  return {
    status: response.status,
    own: value(offer, 'ice-ufrag'),
    theirs: ufrag,
    candidates: candidates.length,
  };
}

/** Runs in the page: the user name fragments of the pair of candidates that packets take. */
async function pathInUse(): Promise<{ own: string; theirs: string } | undefined> {
  const report = await (window as unknown as ClientWindow).connection.getStats();
  const transport = [...report.values()].find(({ type }) => type === 'transport');
  const pair = report.get(transport?.selectedCandidatePairId);
  if (!pair) return undefined;
  const fragment = (id: string) => String(report.get(id)?.usernameFragment);
  return { own: fragment(pair.localCandidateId), theirs: fragment(pair.remoteCandidateId) };
}

test('WHEP: what is wrong with a request is told by status and by a problem document', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  await viewerPage.goto(host.url);
  const offer = await browserOffer(viewerPage);
  const whep = `${host.url}whep`;
  // An offer of one codec that is none of ours.
  const foreign = offer.replace(/ (VP8|VP9|H264|AV1|H265)\/90000/g, ' X-NOBODY/90000');
  const hevc = offer.replace(/ (VP8|VP9|H264|AV1|H265)\/90000/g, ' H265/90000');
  const cases: [string, Promise<Response>, number, RegExp][] = [
    ['wrong content type', post(whep, offer, 'text/plain'), 415, /application\/sdp/],
    ['empty', post(whep, ''), 400, /SDP/],
    ['not SDP', post(whep, 'hello'), 400, /SDP/],
    ['cut short', post(whep, offer.slice(0, 200)), 400, /SDP/],
    ['too large', post(whep, `${offer}${'a=x\r\n'.repeat(200_000)}`), 413, /bytes/],
    ['a codec that nobody has', post(`${whep}?codec=mpeg2`, offer), 400, /vp9/],
    ['an offer without a codec of ours', post(whep, foreign), 406, /VP9|vp9/],
    [
      'H.265 alone, which no engine of the tests encodes',
      post(whep, hevc),
      406,
      /h265.*engine can send vp8/i,
    ],
    ['a track that does not exist', post(`${whep}?tracks=depth`, offer), 400, /main_video/],
    ['an id that does not exist', fetch(`${whep}/nobody`, { method: 'DELETE' }), 404, /POST/],
  ];
  for (const [name, request, status, words] of cases) {
    const response = await request;
    expect(response.status, name).toBe(status);
    expect(response.headers.get('content-type'), name).toContain('application/problem+json');
    const problem = await response.json();
    expect(problem, name).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    expect(problem.hint, name).toEqual(expect.any(String));
    expect(JSON.stringify(problem), name).toMatch(words);
  }
});

test('?tracks= narrows the stream to the tracks named', async ({ startHost, viewerPage }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  await viewerPage.goto(host.url);
  const created = await post(`${host.url}whep?tracks=second_video`, await browserOffer(viewerPage));
  expect(created.status).toBe(201);
  expect(trackNames(await created.text())).toEqual(['second_video']);
});

test('CORS lets pages of this machine in and strangers out', async ({ startHost }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const preflight = (origin: string) =>
    fetch(`${host.url}whep`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
  const own = await preflight('http://localhost:5173');
  expect(own.status).toBe(204);
  expect(own.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
  const posted = await fetch(`${host.url}whep`, {
    method: 'POST',
    headers: { origin: 'http://localhost:5173' },
  });
  expect(posted.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('location');
  const stranger = await preflight('https://example.com');
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
});

test('with --token every viewer route asks for it', async ({ startHost, viewerPage }) => {
  const token = 'a-token-for-the-test';
  const host = await startHost({ model: 'test/models/pattern.py', args: ['--token', token] });
  for (const route of ['', 'whep', 'schema', 'events']) {
    const response = await fetch(`${host.url}${route}`, route === 'whep' ? { method: 'POST' } : {});
    expect(response.status, `/${route}`).toBe(401);
    expect(response.headers.get('www-authenticate'), `/${route}`).toContain('Bearer');
  }
  // A supervisor's probe needs no token, and learns nothing but that.
  expect(await (await fetch(`${host.url}health`)).json()).toEqual({ status: 'ok' });
  const allowed = await fetch(`${host.url}schema`, { headers: { authorization: `Bearer ${token}` } });
  expect(allowed.status).toBe(200);
  const wrong = await fetch(`${host.url}schema`, { headers: { authorization: 'Bearer another-token' } });
  expect(wrong.status).toBe(401);

  // The printed link carries the token once; then a cookie does, and the address bar shows no secret.
  await viewerPage.goto(`${host.url}?token=${token}`);
  expect(new URL(viewerPage.url()).search).toBe('');
  await viewerPage.waitForFunction(() =>
    [...document.querySelectorAll('video')].some((video) => video.videoWidth > 0),
  );
});

test('GET /schema names the tracks and GET /health tells the state', async ({ startHost }) => {
  // Counters rise without a viewer only where the model does not wait for one.
  const host = await startHost({ model: 'test/models/pattern.py', args: ['--generate', 'always'] });
  const schema = await (await fetch(`${host.url}schema`)).json();
  expect(schema.openapi).toMatch(/^3\.1\./);
  expect(schema['x-tracks']).toMatchObject([
    { name: 'main_video', kind: 'video' },
    { name: 'second_video', kind: 'video' },
    { name: 'main_audio', kind: 'audio' },
  ]);
  const health = async () =>
    (await (await fetch(`${host.url}health`)).json()) as {
      frames: Record<string, { received: number; forwarded: number; encoder: { written: number } | null }>;
    };
  const names = ['main_video', 'second_video', 'main_audio'];
  // The host's own counters and the encoder page's, of each track.
  const counters = ({ frames }: Awaited<ReturnType<typeof health>>) =>
    names.flatMap((name) => {
      const { received = 0, forwarded = 0, encoder } = frames[name] ?? {};
      return [received, forwarded, encoder?.written ?? 0];
    });
  const first = await waitUntil('all counters have begun', health, (now) =>
    counters(now).every((count) => count > 0),
  );
  expect(first).toMatchObject({ status: 'ok', viewers: 0 });
  const before = counters(first);
  await waitUntil('all counters rise', health, (now) =>
    counters(now).every((count, index) => count > (before[index] ?? 0)),
  );
});
