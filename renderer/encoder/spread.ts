import type { SpreadMs } from '../../protocol/stats.ts';

/** Recent measurements: those of the last `windowMs`, at most `limit` of them. */
export class Spread {
  readonly #windowMs: number;
  readonly #limit: number;
  #samples: { atMs: number; ms: number }[] = [];

  constructor(windowMs: number, limit = 1000) {
    this.#windowMs = windowMs;
    this.#limit = limit;
  }

  add(nowMs: number, ms: number): void {
    this.#samples.push({ atMs: nowMs, ms });
    if (this.#samples.length > this.#limit) this.#samples.shift();
  }

  clear(): void {
    this.#samples = [];
  }

  /** Median, 95th and 99th percentile by nearest rank; null without a sample in the window. */
  read(nowMs: number): SpreadMs | null {
    this.#samples = this.#samples.filter(({ atMs }) => atMs > nowMs - this.#windowMs);
    const sorted = this.#samples.map(({ ms }) => ms).sort((one, other) => one - other);
    if (sorted.length === 0) return null;
    const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}
