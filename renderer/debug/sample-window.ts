import type { HostStats } from '../viewer/host-snapshot.ts';

/** The statistics of one moment. */
export interface Sample {
  /** Since 1970, by the host's clock. */
  time_ms: number;
  stats: HostStats;
}

export function sampleOf(stats: HostStats): Sample {
  return { time_ms: stats.time_ms, stats };
}

/** Statistics come once a second. */
const WINDOW_MS = 120_000;

/** The last two minutes of statistics, oldest first. */
export class SampleWindow {
  #samples: Sample[] = [];

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  get last(): Sample | undefined {
    return this.#samples.at(-1);
  }

  /** What was before this page was opened. What has come meanwhile stays. */
  begin(earlier: readonly Sample[]): void {
    const first = this.#samples[0]?.time_ms ?? Number.POSITIVE_INFINITY;
    const before = earlier.filter(({ time_ms }) => time_ms < first);
    this.#samples = [...before, ...this.#samples];
  }

  add(sample: Sample): void {
    this.#samples = [...this.#samples.filter(({ time_ms }) => sample.time_ms - time_ms < WINDOW_MS), sample];
  }

  /** The sample of `ms` before the last, or the oldest there is; undefined with fewer than two. */
  before(ms: number): Sample | undefined {
    const { last } = this;
    if (!last || this.#samples.length < 2) return undefined;
    return this.#samples.find(({ time_ms }) => time_ms >= last.time_ms - ms - 500 && time_ms < last.time_ms);
  }
}
