import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Host } from '../../test/fixtures/host.ts';
import { MeasuringPage } from '../../test/fixtures/measuring-page.ts';
import { Namespaces, namespacesMissing } from '../../test/fixtures/namespaces.ts';
import type { Size } from '../contestant.ts';
import type { Engine } from '../engines.ts';
import { monotonicUs } from '../page-server.ts';
import { longestGapMs, percentile } from '../summary.ts';
import { figure, table } from '../table.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

const TOKEN = 'squeeze-token-0123456789';
const BEFORE_S = 10;
const AFTER_S = 10;
const SETTLED_S = 10;
const LINK_KBPS = 1000;
/** One full packet at a time, as a line does that sends one after the other. */
const TBF = `tbf rate ${LINK_KBPS}kbit burst 2kb latency 300ms`.split(' ');
const BACK_SHARE = 0.8;

interface Result {
  engine: Engine;
  encoder: string;
  codec: string;
  size: string;
  beforeKbps: number;
  longestGapMs: number;
  settledP50Ms: number;
  settledP95Ms: number;
  settledFps: number;
  settledSize: string;
  settledKbps: number;
  /** From the lift until a second had 80 % of the former rate; null for not at all. */
  backS: number | null;
}

/** A link that falls to 1 Mbps with 300 ms of queue, for `--seconds`, and comes back. */
export const squeeze: Scenario = {
  name: 'squeeze',
  question: 'what does a viewer see whose link falls to 1 Mbps, and when is the full rate back? (root only)',
  defaults: { codecs: 'vp9', seconds: '20' },
  async run({ options, signal, say }) {
    const missing = namespacesMissing();
    if (missing) throw new Error(`the scenario squeeze cannot run: ${missing}`);
    const results: Result[] = [];
    for (const engine of options.engines) {
      for (const encoder of options.encoders) {
        for (const codec of options.codecs) {
          for (const size of options.sizes) {
            if (signal.aborted) break;
            const result = await measure({ engine, encoder, codec, size, seconds: options.seconds, signal });
            results.push(result);
            say(`${engine} ${encoder} ${codec}: longest gap ${figure(result.longestGapMs)} ms`);
          }
        }
      }
    }
    const rows = results.map((each) => [
      `${each.engine} ${each.encoder} ${each.codec} ${each.size}`,
      figure(each.beforeKbps),
      figure(each.longestGapMs),
      figure(each.settledP50Ms),
      figure(each.settledP95Ms),
      figure(each.settledFps, 1),
      each.settledSize,
      figure(each.settledKbps),
      figure(each.backS, 1),
    ]);
    const head: [string, string][] = [
      ['', ''],
      ['before', 'kbps'],
      ['longest gap', 'ms'],
      ['p50', 'ms'],
      ['p95', 'ms'],
      ['pictures', '/s'],
      ['size', ''],
      ['sent', 'kbps'],
      ['80 % back', 's'],
    ];
    const note = `tbf of ${LINK_KBPS} kbps with 300 ms of queue for ${options.seconds} s; p50 to sent: its last ${SETTLED_S} s.`;
    return { text: `${table(head, rows)}\n\n${note}`, results };
  },
};

interface Measurement {
  engine: Engine;
  encoder: string;
  codec: string;
  size: Size;
  seconds: number;
  signal: ScenarioContext['signal'];
}

async function measure({ engine, encoder, codec, size, seconds, signal }: Measurement): Promise<Result> {
  const namespaces = new Namespaces();
  const open: { close(): unknown }[] = [];
  try {
    const peer = namespaces.addPeer('viewer');
    const host = await Host.start({
      engine,
      namespace: namespaces.host,
      model: 'bench/source.py',
      args: [
        ...['--host', '0.0.0.0', '--port', '8080', '--token', TOKEN],
        ...['--codec', codec.toLowerCase(), '--encoder', encoder],
      ],
      env: {
        BENCH_WIDTH: String(size.width),
        BENCH_HEIGHT: String(size.height),
        BENCH_FPS: String(size.fps),
      },
    });
    open.push({ close: () => host.kill() });
    const hostUrl = `http://${peer.hostAddress}:8080/`;
    const page = await MeasuringPage.watch(namespaces, peer.namespace, {
      hostUrl,
      token: TOKEN,
      source: size,
    });
    open.push(page);
    const sent = new SentBytes(namespaces.host, peer.hostInterface);
    open.push(sent);
    const tc = (...args: string[]) => namespaces.run(namespaces.host, 'tc', 'qdisc', ...args);
    const wait = (forSeconds: number) => sleep(forSeconds * 1000, undefined, { signal });
    await wait(BEFORE_S);
    tc('add', 'dev', peer.hostInterface, 'root', ...TBF);
    const fellUs = monotonicUs();
    await wait(seconds);
    tc('del', 'dev', peer.hostInterface, 'root');
    const liftedUs = monotonicUs();
    await wait(AFTER_S);

    const pictures = await page.pictures();
    const during = pictures.filter(({ atUs }) => atUs >= fellUs - 500_000 && atUs < liftedUs);
    const settled = during.filter(({ atUs }) => atUs >= liftedUs - SETTLED_S * 1e6);
    const latenciesMs = settled.flatMap(({ latencyMs }) => latencyMs ?? []);
    const beforeKbps = sent.kbps(fellUs - 5e6, fellUs);
    const last = settled.at(-1);
    return {
      engine,
      encoder,
      codec,
      size: size.name,
      beforeKbps,
      longestGapMs: longestGapMs(during.map(({ atUs }) => atUs)),
      settledP50Ms: percentile(latenciesMs, 0.5),
      settledP95Ms: percentile(latenciesMs, 0.95),
      settledFps: settled.length / SETTLED_S,
      settledSize: last ? `${last.width}x${last.height}` : '-',
      settledKbps: sent.kbps(liftedUs - SETTLED_S * 1e6, liftedUs),
      backS: backAfter(sent, liftedUs, BACK_SHARE * beforeKbps),
    };
  } finally {
    for (const each of open.reverse()) await each.close();
    namespaces.remove();
  }
}

/** Until the end of the first second with so much, in steps of 0.1 s. */
function backAfter(sent: SentBytes, liftedUs: number, kbps: number): number | null {
  for (let at = 0; at <= AFTER_S - 1; at += 0.1) {
    if (sent.kbps(liftedUs + at * 1e6, liftedUs + (at + 1) * 1e6) >= kbps) return at + 1;
  }
  return null;
}

/** What leaves through an interface of a namespace, read ten times a second by a process inside it. */
class SentBytes {
  readonly #samples: { us: number; bytes: number }[] = [];
  readonly #child;

  constructor(namespace: string, device: string) {
    const read = `setInterval(() => console.log(Number(process.hrtime.bigint() / 1000n), require('node:fs').readFileSync('/sys/class/net/${device}/statistics/tx_bytes', 'utf8').trim()), 100)`;
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', read], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const [us = 0, bytes = 0] = line.split(' ').map(Number);
      this.#samples.push({ us, bytes });
    });
  }

  kbps(fromUs: number, toUs: number): number {
    const within = this.#samples.filter(({ us }) => us >= fromUs && us <= toUs);
    const [first, last] = [within[0], within.at(-1)];
    if (!first || !last || first === last) return Number.NaN;
    return ((last.bytes - first.bytes) * 8000) / (last.us - first.us);
  }

  close(): void {
    this.#child.kill();
  }
}
