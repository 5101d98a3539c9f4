import { parseArgs } from 'node:util';
import type { Size } from './contestant.ts';
import { ENGINES, type Engine, engineMissing } from './engines.ts';
import { SCENARIOS } from './scenarios/registry.ts';

export const PEERS = ['aiortc', 'reactor-runtime'] as const;
export type Peer = (typeof PEERS)[number];
const ENCODERS = ['auto', 'shared', 'native'] as const;
const CODECS = ['vp9', 'h264', 'vp8', 'av1'] as const;
const HEIGHTS: Record<string, [width: number, height: number]> = {
  '360p': [640, 360],
  '720p': [1280, 720],
  '1080p': [1920, 1080],
  '2160p': [3840, 2160],
};

const USUAL = { viewers: '1', sizes: '720p30', seconds: '20', codecs: CODECS.join() };

export interface BenchOptions {
  /** The name of one. */
  scenario: string;
  encoders: string[];
  viewers: number[];
  tracks: number;
  engines: Engine[];
  codecs: string[];
  sizes: Size[];
  peers: Peer[];
  seconds: number;
  warmupSeconds: number;
  /** Whether to split latency into stages. */
  stages: boolean;
  /** One way, where the scenario has a path of its own. */
  delayMs: number;
  json: string | undefined;
}

export const HELP = `npm run bench -- [options]

All senders draw the same picture for the same viewer. Figures are printed, nothing is asserted.

  --scenario NAME   what is asked, below                         Default: ${SCENARIOS[0].name}
  --encoder LIST    of auto, shared, native.                     Default: auto
  --viewers LIST    how many at once; the last to come is measured.  Default: by scenario
  --tracks N        video tracks, 1 or 2.                        Default: 1
  --engine LIST     of electron, chromium; none for peers only.  Default: those present
  --codec LIST      of VP9, H264, VP8, AV1.                      Default: by scenario
  --size LIST       of ${Object.keys(HEIGHTS).join(', ')} with a rate, as 720p30.  Default: by scenario
  --peer LIST       of ${PEERS.join(', ')}, from PyPI into .cache/.  Default: none
  --seconds N       measured for each                            Default: by scenario
  --warmup N        seconds before, from the first picture on    Default: 3
  --stages          also splits latency into stages; the viewer shows the picture then, which costs CPU
  --delay MS        of packets each way, give or take a quarter; only of scenario loss.  Default: 0
  --json FILE       writes all figures there too

Scenarios, with their defaults:
${SCENARIOS.map(describe).join('\n')}
`;

function describe({ name, question, defaults }: (typeof SCENARIOS)[number]): string {
  const { viewers, sizes, seconds, codecs } = { ...USUAL, ...defaults };
  return `  ${name.padEnd(10)} ${question}\n             --viewers ${viewers} --size ${sizes} --codec ${codecs} --seconds ${seconds}`;
}

/** What is wrong with the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns Null when help is asked for. @throws UsageError */
export function parseOptions(args: string[]): BenchOptions | null {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        scenario: { type: 'string' },
        encoder: { type: 'string' },
        viewers: { type: 'string' },
        tracks: { type: 'string' },
        engine: { type: 'string' },
        codec: { type: 'string' },
        size: { type: 'string' },
        peer: { type: 'string' },
        seconds: { type: 'string' },
        warmup: { type: 'string' },
        stages: { type: 'boolean' },
        delay: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return null;
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const engine = text('engine');
  const names = SCENARIOS.map(({ name }) => name);
  const [scenario] = list('scenario', text('scenario') ?? SCENARIOS[0].name, names);
  const defaults = { ...USUAL, ...SCENARIOS.find(({ name }) => name === scenario)?.defaults };
  return {
    scenario: scenario ?? SCENARIOS[0].name,
    encoders: list('encoder', text('encoder') ?? 'auto', ENCODERS),
    viewers: (text('viewers') ?? defaults.viewers).split(',').map((count) => whole('viewers', count, 1, 500)),
    tracks: whole('tracks', text('tracks') ?? '1', 1, 2),
    engines:
      engine === undefined
        ? ENGINES.filter((each) => engineMissing(each) === undefined)
        : engine === 'none'
          ? []
          : list('engine', engine, ENGINES),
    codecs: list('codec', (text('codec') ?? defaults.codecs).toLowerCase(), CODECS),
    sizes: (text('size') ?? defaults.sizes).split(',').map(parseSize),
    peers: list('peer', text('peer') ?? '', PEERS),
    seconds: seconds('seconds', text('seconds') ?? defaults.seconds, 1),
    warmupSeconds: seconds('warmup', text('warmup') ?? '3', 0),
    stages: values.stages === true,
    delayMs: whole('delay', text('delay') ?? '0', 0, 1000),
    json: text('json'),
  };
}

function list<T extends string>(name: string, value: string, known: readonly T[]): T[] {
  const items = value.split(',').filter((item) => item !== '');
  for (const item of items) {
    if (!(known as readonly string[]).includes(item)) {
      throw new UsageError(`--${name}: got ${item}, expected some of ${known.join(', ')}`);
    }
  }
  return items as T[];
}

function whole(name: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new UsageError(`--${name}: got ${value}, expected a whole number from ${least} to ${most}`);
}

function parseSize(name: string): Size {
  const [, height = '', fps = ''] = /^(\d+p)(\d+)$/.exec(name) ?? [];
  const sides = HEIGHTS[height];
  if (!sides || Number(fps) < 1 || Number(fps) > 240) {
    throw new UsageError(
      `--size: got ${name}, expected ${Object.keys(HEIGHTS).join(', ')} and a rate of 1 to 240, as 720p30`,
    );
  }
  return { name, width: sides[0], height: sides[1], fps: Number(fps) };
}

function seconds(name: string, value: string, least: number): number {
  const number = Number(value);
  if (!(number >= least && number <= 3600)) {
    throw new UsageError(`--${name}: got ${value}, expected a number of seconds from ${least} to 3600`);
  }
  return number;
}
