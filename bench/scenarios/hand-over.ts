import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { ChromiumEngine } from '../../main/engine/chromium.ts';
import { commonFlags } from '../../main/engine/flags.ts';
import { Guardian } from '../../main/guardian-client.ts';
import { createLog } from '../../main/log.ts';
import { processesMarked } from '../../test/fixtures/processes.ts';
import type { Size } from '../contestant.ts';
import { CpuMeter } from '../cpu.ts';
import { root, scripts } from '../paths.ts';
import { figure, table } from '../table.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

/** Into the page, or by a worker of the page and then into it. All but the file's ways carry the pictures themselves. */
const WAYS = [
  'websocket',
  'websocket, worker',
  'fetch, BYOB',
  'fetch, BYOB, worker',
  'file, as Blob',
  'file, sync handle',
] as const;

const MARKER = 'REACTOR_BENCH_HAND_OVER';
const SLOTS = 8;
const SLOT_BYTES = 64 * 1024 * 1024;
const READY_LIMIT_MS = 20_000;

interface Result {
  way: string;
  size: string;
  p50Ms: number;
  p95Ms: number;
  cpuMs: number;
  pictures: number;
}

/** Which way pictures get into a page of headless Chromium fastest, and what each costs. */
export const handOver: Scenario = {
  name: 'hand-over',
  question: 'which is the fastest way into a page of headless Chromium?',
  defaults: { sizes: '720p30,1080p30', seconds: '6' },
  async run({ options, browser, signal, say }) {
    const results: Result[] = [];
    for (const size of options.sizes) {
      for (const way of WAYS) {
        if (signal.aborted) break;
        const result = await measure({ way, size, browser, options });
        results.push(result);
        say(`${way} ${size.name}: p50 ${figure(result.p50Ms, 1)} ms, p95 ${figure(result.p95Ms, 1)} ms`);
      }
    }
    const rows = results.map(({ way, size, p50Ms, p95Ms, cpuMs, pictures }) => [
      way,
      size,
      figure(p50Ms, 1),
      figure(p95Ms, 1),
      figure(cpuMs, 1),
      String(pictures),
    ]);
    const head: [string, string][] = [
      ['way', ''],
      ['size', ''],
      ['p50', 'ms'],
      ['p95', 'ms'],
      ['CPU', 'ms/picture'],
      ['pictures', ''],
    ];
    const note =
      'p50, p95: this process has the I420 bytes until its page has a VideoFrame and has said so; CPU: of this process and the browser.';
    return { text: `${table(head, rows)}\n\n${note}`, results };
  },
};

interface Measurement {
  way: (typeof WAYS)[number];
  size: Size;
  browser: string;
  options: ScenarioContext['options'];
}

async function measure({ way, size, browser, options }: Measurement): Promise<Result> {
  const mark = randomUUID();
  process.env[MARKER] = mark;
  const log = createLog({ logLevel: 'error', logFormat: 'pretty' });
  const guardian = new Guardian(path.join(root, 'dist/main'), log);
  const page = await Page.serve();
  const engine = new ChromiumEngine({
    executable: browser,
    headless: 'new',
    flags: commonFlags({
      host: '127.0.0.1',
      hasNetwork: true,
      isRoot: process.getuid?.() === 0,
      hardware: 'auto',
    }),
    guardian,
    log,
  });
  let file: number | undefined;
  try {
    const { width, height, fps } = size;
    const task = { way, width, height, slotBytes: SLOT_BYTES, wsUrl: page.wsUrl, origin: page.origin };
    const query = encodeURIComponent(JSON.stringify(task));
    await engine.start({ wsUrl: page.wsUrl, secret: '-', origin: `${page.origin}/?task=${query}&` });
    const { token } = await page.ready;
    if (token !== undefined) {
      const found = engine.findRing(token);
      if (!found) throw new Error('the file of the page is not in the profile');
      file = openSync(found, 'r+');
      ftruncateSync(file, SLOTS * SLOT_BYTES);
    }
    const picture = Buffer.alloc((width * height * 3) / 2, 128);
    const cpu = new CpuMeter(() => [
      ...processesMarked(MARKER, mark),
      { pid: process.pid, parentPid: 0, command: 'node' },
    ]);
    const startMs = performance.now();
    const warmupPictures = Math.round(options.warmupSeconds * fps);
    const allPictures = warmupPictures + Math.round(options.seconds * fps);
    for (let seq = 0; seq < allPictures; seq += 1) {
      const waitMs = startMs + (seq * 1000) / fps - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
      if (seq === warmupPictures) {
        page.latenciesMs.length = 0;
        cpu.sample();
      }
      const slot = seq % SLOTS;
      if (file !== undefined) writeSync(file, picture, 0, picture.length, slot * SLOT_BYTES);
      page.send(seq, file === undefined ? picture : slot);
    }
    cpu.sample();
    const sorted = [...page.latenciesMs].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    const cpuMs =
      [...cpu.byRoleMs.values()].reduce((sum, ms) => sum + ms, 0) / (allPictures - warmupPictures);
    return { way, size: size.name, p50Ms: at(0.5), p95Ms: at(0.95), cpuMs, pictures: sorted.length };
  } finally {
    if (file !== undefined) closeSync(file);
    await engine.stop();
    await page.close();
    guardian.close();
  }
}

/** The other end of hand-over-page.ts. */
class Page {
  readonly latenciesMs: number[] = [];
  readonly ready: Promise<{ token?: string }>;
  readonly origin: string;
  readonly wsUrl: string;
  readonly #server: Server;
  readonly #sentMs = new Map<number, number>();
  #orders: WebSocket | undefined;
  #socket: WebSocket | undefined;
  #stream: ServerResponse | undefined;

  static async serve(): Promise<Page> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Page(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.origin = `http://127.0.0.1:${port}`;
    this.wsUrl = `ws://127.0.0.1:${port}`;
    server.on('request', ({ url = '' }, response) => {
      if (url === '/pictures') {
        response.setHeader('content-type', 'application/octet-stream').flushHeaders();
        this.#stream = response;
      } else if (url === '/hand-over-page.js') {
        response.setHeader('content-type', 'text/javascript');
        response.end(readFileSync(path.join(scripts, 'hand-over-page.js')));
      } else {
        response.setHeader('content-type', 'text/html');
        response.end('<!doctype html><script src="/hand-over-page.js"></script>');
      }
    });
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(reject, READY_LIMIT_MS, new Error('the page is not ready'));
      sockets.on('connection', (socket, { url }) => {
        if (url === '/pictures') {
          this.#socket = socket;
          return;
        }
        this.#orders = socket;
        socket.on('message', (data) => {
          const said = JSON.parse(String(data)) as { ready?: true; token?: string; seq?: number };
          if (said.ready) {
            clearTimeout(timer);
            resolve(said);
          }
          const sentMs = said.seq === undefined ? undefined : this.#sentMs.get(said.seq);
          if (sentMs !== undefined) this.latenciesMs.push(performance.now() - sentMs);
        });
      });
    });
  }

  /** @param what the bytes themselves, or the slot they are in */
  send(seq: number, what: Buffer | number): void {
    this.#sentMs.set(seq, performance.now());
    if (typeof what === 'number') {
      this.#orders?.send(JSON.stringify({ seq, slot: what }));
      return;
    }
    const message = Buffer.allocUnsafe(4 + what.length);
    message.writeUInt32LE(seq);
    what.copy(message, 4);
    if (this.#stream) this.#stream.write(message);
    else this.#socket?.send(message);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
