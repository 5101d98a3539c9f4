import { parseArgs } from 'node:util';
import type { Size } from './contestant.ts';
import { ENGINES, type Engine, engineMissing } from './engines.ts';

export const PEERS = ['aiortc', 'reactor-runtime'] as const;
export type Peer = (typeof PEERS)[number];
const CODECS = ['vp9', 'h264', 'vp8', 'av1'] as const;
const HEIGHTS: Record<string, [width: number, height: number]> = {
  '360p': [640, 360],
  '720p': [1280, 720],
  '1080p': [1920, 1080],
  '2160p': [3840, 2160],
};

export interface BenchOptions {
  engines: Engine[];
  codecs: string[];
  sizes: Size[];
  peers: Peer[];
  seconds: number;
  warmupSeconds: number;
  json: string | undefined;
}

export const HELP = `npm run bench -- [options]

One viewer watches one sender after the other; all draw the same picture. Figures are printed, nothing is asserted.

  --engine LIST     of electron, chromium; none for peers only.  Default: those present
  --codec LIST      of VP9, H264, VP8, AV1.                      Default: all
  --size LIST       of ${Object.keys(HEIGHTS).join(', ')} with a rate, as 720p30.  Default: 720p30,1080p30
  --peer LIST       of ${PEERS.join(', ')}, from PyPI into .cache/.  Default: none
  --seconds N       measured for each                            Default: 20
  --warmup N        seconds before, from the first picture on    Default: 3
  --json FILE       writes all figures there too
`;

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
        engine: { type: 'string' },
        codec: { type: 'string' },
        size: { type: 'string' },
        peer: { type: 'string' },
        seconds: { type: 'string' },
        warmup: { type: 'string' },
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
  return {
    engines:
      engine === undefined
        ? ENGINES.filter((each) => engineMissing(each) === undefined)
        : engine === 'none'
          ? []
          : list('engine', engine, ENGINES),
    codecs: list('codec', (text('codec') ?? CODECS.join()).toLowerCase(), CODECS),
    sizes: (text('size') ?? '720p30,1080p30').split(',').map(parseSize),
    peers: list('peer', text('peer') ?? '', PEERS),
    seconds: seconds('seconds', text('seconds') ?? '20', 1),
    warmupSeconds: seconds('warmup', text('warmup') ?? '3', 0),
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
