import type { HostStats } from '../protocol/stats.ts';

/** Statistics come once a second: two minutes. */
const MAX_SAMPLES = 120;

/** The statistics of the last two minutes, so that a debug page that is opened late sees what was. */
export class StatsHistory {
  readonly #samples: HostStats[] = [];

  get samples(): readonly HostStats[] {
    return this.#samples;
  }

  add(stats: HostStats): void {
    this.#samples.push(stats);
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }
}
