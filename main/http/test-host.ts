import pino from 'pino';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage } from '../../protocol/wire.ts';
import { type Config, configSchema, mediaSettingsOf } from '../config.ts';
import { EncoderLink } from '../encoder-link.ts';
import { FrameRouter } from '../frame-router.ts';
import { HostState } from '../host-state.ts';
import { Interaction } from '../interaction.ts';
import { ThrottledLog } from '../log.ts';
import { LogRing } from '../log-ring.ts';
import { Metrics } from '../metrics.ts';
import { ModelLink } from '../model-link.ts';
import { Redactor } from '../redact.ts';
import { Statistics } from '../statistics.ts';
import { StatsHistory } from '../stats-history.ts';
import { Viewers } from '../viewers.ts';
import { EventStreams } from './event-streams.ts';
import { schemaDocument } from './schema.ts';
import { HttpServer } from './server.ts';

/**
 * The real server on a free port, with the real links; the peers below speak the real protocol over real WebSockets.
 */
export const OFFER = [
  'v=0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789012345678901',
  'a=fingerprint:sha-256 00',
  'a=rtpmap:96 VP8/90000',
  '',
].join('\r\n');
export const SDP = { 'content-type': 'application/sdp' };
export const HELLO = {
  type: 'hello',
  role: 'model',
  version: PROTOCOL_VERSION,
  package_version: '0',
  model: 'Test',
  pid: 1,
  payloads: ['ring', 'inline'],
  tracks: [{ kind: 'video', name: 'main_video', fps: 30 }],
};

export interface Header {
  type: string;
  [key: string]: unknown;
}

/** A peer that speaks our protocol: what it is sent can be waited for. */
export class Peer {
  readonly #received: Header[] = [];
  readonly #waiting = new Set<() => void>();
  readonly socket: WebSocket;
  readonly closed: Promise<void>;

  constructor(url: string, protocols: string[], headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, protocols, { headers });
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()));
    this.socket.on('error', () => {});
    this.socket.on('message', (data: Buffer) => {
      const header = decodeMessage(data).header as Header;
      this.#received.push(header);
      this.answer(header);
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    });
  }

  answer: (header: Header) => void = () => {};

  send(header: object, payload?: Uint8Array): void {
    this.socket.send(encodeMessage(header, payload));
  }

  async open(): Promise<this> {
    await new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
    return this;
  }

  /** Takes the next message of the type out of what came, or waits for it. */
  async next(type: string): Promise<Header> {
    for (;;) {
      const at = this.#received.findIndex((header) => header.type === type);
      if (at >= 0) return this.#received.splice(at, 1)[0] as Header;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }
}

export interface TestHost {
  server: HttpServer;
  state: HostState;
  viewers: Viewers;
  interaction: Interaction;
  history: StatsHistory;
  ring: LogRing;
  base: string;
  /** Time passes for viewers and sessions, which look at the clock only when asked. */
  pass: (ms: number) => void;
}

export async function startHost(pagesFolder: string, change: Partial<Config> = {}): Promise<TestHost> {
  const config = configSchema.parse({ port: 0, hostSecret: 'secret-of-remote-models', ...change });
  const log = pino({ level: 'silent' });
  let passedMs = 0;
  const nowMs = () => performance.now() + passedMs;
  const throttled = new ThrottledLog(log, nowMs);
  const state = new HostState('starting');
  const viewers = new Viewers(nowMs);
  viewers.changed.on(() => state.setViewers(viewers.size));
  const model = new ModelLink({
    ringFor: async (origin) =>
      origin === 'supervised' ? { path: '/ring', slot_bytes: 1024, slots: 2 } : null,
    nowMs,
    log: throttled,
  });
  const encoder = new EncoderLink({ media: mediaSettingsOf(config), nowMs, log: throttled });
  const redactor = new Redactor(config);
  const history = new StatsHistory();
  const ring = new LogRing((text) => redactor.text(text));
  const router = new FrameRouter({ encoder, model });
  model.connected.on((hello, ring) => {
    router.begin(hello.tracks, ring);
    state.setTracks(hello.tracks);
    state.setModel({ state: 'running', name: hello.model });
  });
  model.media.on((header, message) => router.receive(header, message));
  encoder.ack.on((ack, message) => router.acknowledge(ack, message));
  encoder.connected.on(() => state.setEncoder(true));
  encoder.disconnected.on(() => {
    viewers.clear();
    router.encoderLost();
    state.setEncoder(false);
  });
  encoder.viewerState.on((message) => viewers.setState(message.viewer_id, message.state));
  const schema = () =>
    schemaDocument({
      name: state.snapshot.model.name,
      tracks: state.snapshot.tracks,
      interface: interaction.interface,
      needsToken: config.token !== undefined,
    });
  const interaction: Interaction = new Interaction({
    model,
    encoder,
    viewers,
    state,
    graceMs: config.sessionGraceS * 1000,
    schema,
    log,
    nowMs,
  });
  const statistics = new Statistics({
    engine: { name: 'chromium', processes: async () => [] },
    engineStarts: () => 1,
    state,
    router,
    viewers,
    commands: interaction.commands,
    model,
    encoder,
    nowMs,
  });
  const streams = new EventStreams();
  const server = new HttpServer({
    config,
    engine: 'chromium',
    pagesFolder,
    state,
    viewers,
    encoder,
    model,
    interaction,
    schema,
    statistics,
    metrics: new Metrics({ statistics, model, commands: interaction.commands, streams }),
    streams,
    counters: () => router.counters(),
    secrets: { encoder: 'encoder-secret', model: 'model-secret' },
    debug: { history, ring, redactor, userAgent: () => 'test', restartModel: () => {} },
    log,
    throttled,
    nowMs,
  });
  await server.listen();
  const pass = (ms: number) => {
    passedMs += ms;
    for (const { id } of viewers.tick()) encoder.closeViewer(id);
    interaction.tick();
  };
  return {
    server,
    state,
    viewers,
    interaction,
    history,
    ring,
    base: `http://127.0.0.1:${server.port}`,
    pass,
  };
}

/** The encoder page, as far as the host sees it: it answers every request. */
export async function encoderPeer(base: string): Promise<Peer> {
  const peer = await new Peer(`${base.replace('http', 'ws')}/encoder`, [
    'reactor-host',
    'bearer.encoder-secret',
  ]).open();
  peer.send({
    type: 'hello',
    role: 'encoder',
    version: PROTOCOL_VERSION,
    user_agent: 'test',
    payloads: ['inline'],
  });
  await peer.next('welcome');
  peer.answer = ({ type, request_id, viewer_id }) => {
    if (type === 'viewer-offer') {
      peer.send({ type: 'viewer-answer', request_id, viewer_id, sdp: 'v=0\r\nanswer', tracks: [] });
    } else if (type === 'viewer-candidates' || type === 'viewer-control') {
      peer.send({ type: 'request-done', request_id });
    } else if (type === 'viewer-restart') {
      peer.send({
        type: 'viewer-restarted',
        request_id,
        ice_ufrag: 'ours',
        ice_pwd: 'z'.repeat(22),
        candidates: [],
      });
    }
  };
  return peer;
}

export function modelSocket(base: string, secret = 'model-secret'): Peer {
  return new Peer(`${base.replace('http', 'ws')}/host`, [], { authorization: `Bearer ${secret}` });
}

export async function modelPeer(base: string, secret?: string): Promise<{ peer: Peer; welcome: Header }> {
  const peer = await modelSocket(base, secret).open();
  peer.send(HELLO);
  return { peer, welcome: await peer.next('welcome') };
}

/** Server-sent events: the text that has come so far, and a wait for more. */
export class EventText {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = '';

  constructor({ body }: Response) {
    this.#reader = (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  }

  get text(): string {
    return this.#text;
  }

  async until(part: string): Promise<void> {
    while (!this.#text.includes(part)) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`ended before ${part}`);
      this.#text += value;
    }
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }
}

/** The problem that the response is (RFC 9457), with every member there. */
export async function expectProblem(
  response: Response,
  status: number,
  code: string,
): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as Record<string, unknown>;
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  expect(body).toMatchObject({
    status,
    type: `urn:reactor-host:error:${code}`,
    title: expect.any(String),
    detail: expect.any(String),
    hint: expect.stringMatching(/./),
  });
  return body;
}
