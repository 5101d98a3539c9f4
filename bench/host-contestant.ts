import path from 'node:path';
import type { PictureStages } from '../protocol/stats.ts';
import { type Path, UdpRelay } from '../test/fixtures/udp-relay.ts';
import { Child } from './child.ts';
import type { Contestant, Sender, Size } from './contestant.ts';
import { Crowd } from './crowd.ts';
import { HostEvents } from './host-events.ts';
import { root, venvPython } from './paths.ts';
import type { Offer } from './viewer-page.ts';

const READY_LIMIT_MS = 60_000;
/** One that has gone without a word keeps its place for a while. */
const SPARE_VIEWERS = 8;

interface LogLine {
  msg?: string;
  url?: string;
  reason?: string;
  browser?: string;
}

/** reactor-host, started as a user starts it. */
export class HostContestant implements Contestant {
  readonly name: string;
  readonly dataChannels = [];

  readonly engine: string;
  readonly codec: string;
  readonly encoder: string;
  readonly size: Size;
  readonly viewers: number;
  readonly tracks: number;
  /** Pictures a second that the model really draws; undefined for as many as it declares, those of `size`. */
  readonly modelFps: number | undefined;
  /** What the measured viewer's packets go through; undefined for nothing. */
  readonly path: Path | undefined;

  constructor(
    options: Omit<HostContestant, 'name' | 'dataChannels' | 'modelFps' | 'path' | 'start' | 'prepare'> & {
      modelFps?: number;
      path?: Path;
    },
  ) {
    const { engine, codec, encoder, size, viewers, tracks, modelFps, path } = options;
    this.name = [
      ...['reactor-host', engine, codec],
      ...(encoder === 'auto' ? [] : [encoder]),
      ...(modelFps === undefined ? [] : [`drawn at ${modelFps}`]),
      ...(path === undefined ? [] : [describe(path)]),
    ].join(' ');
    this.modelFps = modelFps;
    this.path = path;
    this.engine = engine;
    this.codec = codec;
    this.encoder = encoder;
    this.size = size;
    this.viewers = viewers;
    this.tracks = tracks;
  }

  prepare(): void {
    if (this.viewers > 1) Crowd.prepare();
  }

  async start(env: NodeJS.ProcessEnv): Promise<Sender> {
    const child = new Child(
      process.execPath,
      [
        path.join(root, 'bin/reactor-host.mjs'),
        path.join(root, 'bench/source.py'),
        ...['--port', '0', '--engine', this.engine, '--codec', this.codec, '--log-format', 'json'],
        ...['--encoder', this.encoder, '--max-viewers', String(this.viewers + SPARE_VIEWERS)],
      ],
      {
        cwd: root,
        env: {
          ...env,
          BENCH_TRACKS: String(this.tracks),
          BENCH_FPS: String(this.modelFps ?? this.size.fps),
          BENCH_DECLARED_FPS: String(this.size.fps),
          REACTOR_HOST_PYTHON: env.REACTOR_HOST_PYTHON ?? venvPython,
        },
      },
    );
    try {
      const url = await child.line('it was ready', READY_LIMIT_MS, (line) => {
        const { msg, url } = parse(line);
        return msg === 'ready' ? url : undefined;
      });
      const relay = this.path && (await UdpRelay.start(this.path));
      return new HostSender(child, url, `engine ${this.engine}: ${engineLine(child)}`, relay);
    } catch (error) {
      await child.stop();
      throw error;
    }
  }
}

class HostSender implements Sender {
  #resource: URL | undefined;
  readonly #events: HostEvents;

  constructor(
    readonly child: Child,
    readonly url: string,
    readonly about: string,
    readonly relay: UdpRelay | undefined,
  ) {
    this.#events = new HostEvents(url);
  }

  get stages(): string {
    return this.#events.stages;
  }

  get pictures(): readonly PictureStages[] {
    return this.#events.pictures;
  }

  get whepUrl(): string {
    return new URL('whep', this.url).href;
  }

  async answer(offer: Offer): Promise<string> {
    const response = await fetch(this.whepUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: this.relay ? UdpRelay.offer(offer.sdp) : offer.sdp,
    });
    const body = await response.text();
    if (response.status !== 201) throw new Error(`POST /whep: ${response.status} ${body}`);
    this.#resource = new URL(response.headers.get('location') ?? '', this.whepUrl);
    return this.relay?.answer(body) ?? body;
  }

  async stop(): Promise<void> {
    this.#events.close();
    if (this.#resource) await fetch(this.#resource, { method: 'DELETE' }).catch(() => undefined);
    await this.child.stop();
    this.relay?.close();
  }
}

function describe({ delayMs, jitterMs, loss }: Path): string {
  return `${100 * loss} % lost${delayMs > 0 ? `, ${delayMs} ± ${jitterMs} ms` : ''}`;
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}

/** What the host says of the engine in its log: which browser encodes, and why that one. */
function engineLine(child: Child): string {
  const lines = child.tail.split('\n').map(parse);
  const reason = lines.find(({ msg }) => msg?.startsWith('engine '))?.reason;
  const browser = lines.find(({ browser }) => browser !== undefined)?.browser;
  return [browser, reason].filter(Boolean).join(', ');
}
