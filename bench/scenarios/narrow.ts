import { setTimeout as sleep } from 'node:timers/promises';
import { Host } from '../../test/fixtures/host.ts';
import { MeasuringPage } from '../../test/fixtures/measuring-page.ts';
import { Namespaces, namespacesMissing } from '../../test/fixtures/namespaces.ts';
import type { Size } from '../contestant.ts';
import type { Engine } from '../engines.ts';
import { longestGapMs, percentile } from '../summary.ts';
import { figure, table } from '../table.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

const TOKEN = 'narrow-token-0123456789';
const LINKS_KBPS = [500, 1000, 4000, 7000];
const TIMES = 2;

interface Row {
  engine: Engine;
  codec: string;
  size: string;
  linkKbps: number;
  /** Of each viewer, from the answer applied to the first picture, and the longest time without one after that. */
  firstMs: number[];
  gapMs: number[];
  fps: number[];
  lastSize: string;
}

/** The first seconds of a viewer whose link is narrow from the beginning; one viewer after the other. */
export const narrow: Scenario = {
  name: 'narrow',
  question: 'how soon is the first picture there on a narrow link, and what follows? (root only)',
  defaults: { codecs: 'vp9', seconds: '3' },
  async run(context) {
    const missing = namespacesMissing();
    if (missing) throw new Error(`the scenario narrow cannot run: ${missing}`);
    const { engines, codecs, sizes, seconds } = context.options;
    const rows: Row[] = [];
    for (const size of sizes) {
      for (const engine of engines) {
        for (const codec of codecs) rows.push(...(await measure({ engine, codec, size }, context)));
      }
    }
    const all = (values: readonly number[], digits = 0) =>
      values.map((value) => figure(value, digits)).join(' ');
    const head: [string, string][] = [
      ['', ''],
      ['link', 'kbps'],
      ['first picture', 'ms'],
      ['median', 'ms'],
      ['longest gap after', 'ms'],
      ['pictures', '/s'],
      ['last size', ''],
    ];
    const lines = rows.map((row) => [
      `${row.engine} ${row.codec} ${row.size}`,
      String(row.linkKbps),
      all(row.firstMs),
      figure(percentile(row.firstMs, 0.5)),
      all(row.gapMs),
      all(row.fps, 1),
      row.lastSize,
    ]);
    const note = `tbf with 300 ms of queue; ${TIMES} viewers, one after the other, each for ${seconds} s from its first picture on.`;
    return { text: `${table(head, lines)}\n\n${note}`, results: rows };
  },
};

interface Measurement {
  engine: Engine;
  codec: string;
  size: Size;
}

async function measure(
  { engine, codec, size }: Measurement,
  { options: { seconds }, signal, say }: ScenarioContext,
): Promise<Row[]> {
  const namespaces = new Namespaces();
  const { namespace, hostAddress, hostInterface } = namespaces.addPeer('viewer');
  const host = await Host.start({
    engine,
    namespace: namespaces.host,
    model: 'bench/source.py',
    args: [...['--host', '0.0.0.0', '--port', '8080', '--token', TOKEN], ...['--codec', codec.toLowerCase()]],
    env: {
      BENCH_WIDTH: String(size.width),
      BENCH_HEIGHT: String(size.height),
      BENCH_FPS: String(size.fps),
    },
  });
  const hostUrl = `http://${hostAddress}:8080/`;
  const rows: Row[] = [];
  try {
    for (const linkKbps of LINKS_KBPS) {
      const tbf = `tbf rate ${linkKbps}kbit burst 4kb latency 300ms`.split(' ');
      namespaces.run(namespaces.host, 'tc', ...['qdisc', 'replace', 'dev', hostInterface, 'root'], ...tbf);
      const row: Row = {
        engine,
        codec,
        size: size.name,
        linkKbps,
        firstMs: [],
        gapMs: [],
        fps: [],
        lastSize: '',
      };
      for (let time = 0; time < TIMES; time += 1) {
        signal.throwIfAborted();
        const page = await MeasuringPage.watch(namespaces, namespace, {
          hostUrl,
          token: TOKEN,
          source: size,
        });
        try {
          await page.stretch(1, 30_000);
          await sleep(seconds * 1000, undefined, { signal });
          const { pictures } = await page.seen();
          const [first] = pictures;
          if (!first) throw new Error(`no picture within 30 s at ${linkKbps} kbps`);
          const within = pictures.filter(({ seenUs }) => seenUs - first.seenUs < seconds * 1e6);
          const last = within.at(-1) ?? first;
          row.firstMs.push((first.seenUs - page.answeredUs) / 1000);
          row.gapMs.push(longestGapMs([...within.map(({ seenUs }) => seenUs), first.seenUs + seconds * 1e6]));
          row.fps.push(within.length / seconds);
          row.lastSize = `${last.width}x${last.height}`;
        } finally {
          await page.close();
        }
      }
      say(
        `${engine} ${codec} ${linkKbps} kbps: first picture ${row.firstMs.map((ms) => figure(ms)).join(', ')} ms`,
      );
      rows.push(row);
    }
  } finally {
    await host.kill();
    namespaces.remove();
  }
  return rows;
}
