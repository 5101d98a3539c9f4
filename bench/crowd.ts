import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Child } from './child.ts';
import { NotRunnable } from './contestant.ts';
import { root } from './paths.ts';
import { percentile } from './summary.ts';

const source = path.join(root, 'bench/peers/crowd');
const binary = path.join(root, '.cache/bench-crowd', process.platform === 'win32' ? 'crowd.exe' : 'crowd');
const BUILD_LIMIT_MS = 300_000;
/** The program itself gives up on a viewer after 60 s. */
const READY_LIMIT_MS = 90_000;
const ANSWER_LIMIT_MS = 10_000;
/** From one viewer to the next: people come one after the other. */
const INTERVAL_MS = 100;

interface Report {
  seconds: number;
  pictures: number[];
  longestGapMs: number[];
  bytes: number;
  firstMs: number[];
}

/** What the crowd received in the measured time. */
export interface CrowdFigures {
  /** Pictures of all viewers and tracks. */
  pictures: number;
  /** Of the viewer and track that got the fewest, and of the one in the middle. */
  leastFps: number;
  medianFps: number;
  /** Of all. */
  longestGapMs: number;
  /** Each. */
  receivedMbps: number;
  /** Offer to first picture. */
  firstMs: { p50: number; max: number };
}

export interface CrowdOptions {
  url: string;
  viewers: number;
  tracks: number;
  env: NodeJS.ProcessEnv;
}

/** Light viewers beside the one that is measured: they receive, and decode nothing (peers/crowd). */
export class Crowd {
  private constructor(
    readonly child: Child,
    readonly viewers: number,
  ) {}

  /** Compiles the program where that was not done yet. @throws NotRunnable without Go */
  static prepare(): void {
    const built = spawnSync('go', ['build', '-o', binary, '.'], {
      cwd: source,
      encoding: 'utf8',
      timeout: BUILD_LIMIT_MS,
    });
    if (built.status === 0) return;
    const reason = built.error?.message ?? built.stderr.trim().split('\n').at(-1);
    throw new NotRunnable(`more than one viewer needs Go 1.24 or newer for bench/peers/crowd: ${reason}`);
  }

  /** Connects them one after the other; resolves when each has a picture of each track. */
  static async join({ url, viewers, tracks, env }: CrowdOptions): Promise<Crowd> {
    const child = new Child(
      binary,
      ['-url', url, '-count', String(viewers), '-tracks', String(tracks), '-interval', `${INTERVAL_MS}ms`],
      { cwd: root, env, input: true },
    );
    try {
      await child.line('everyone had a picture', READY_LIMIT_MS, (line) =>
        line.includes('"ready"') ? true : undefined,
      );
    } catch (error) {
      await child.stop();
      throw error;
    }
    return new Crowd(child, viewers);
  }

  /** What came since this was last asked. */
  async report(): Promise<CrowdFigures> {
    const { seconds, pictures, longestGapMs, bytes, firstMs } = await this.child.ask(
      'report',
      ANSWER_LIMIT_MS,
      (line) => (line.includes('"pictures"') ? (JSON.parse(line) as Report) : undefined),
    );
    const fps = pictures.map((count) => count / seconds);
    return {
      pictures: pictures.reduce((sum, each) => sum + each, 0),
      leastFps: Math.min(...fps),
      medianFps: percentile(fps, 0.5),
      longestGapMs: Math.max(...longestGapMs),
      receivedMbps: (bytes * 8) / seconds / 1e6 / this.viewers,
      firstMs: { p50: percentile(firstMs, 0.5), max: Math.max(...firstMs) },
    };
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
