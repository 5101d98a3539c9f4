/** A link that has been quiet for so long may have room again. */
const QUIET_MS = 1500;
/** The least time between two probes; doubled after each that brought nothing, up to the most. */
const LEAST_INTERVAL_MS = 2000;
const MOST_INTERVAL_MS = 32_000;
/** An estimate of this share of the maximum is good enough. */
const ENOUGH = 0.9;
/** A probe has brought something when the estimate grew by this. */
const GAIN = 1.1;

/**
 * When to let Chromium probe a viewer's link: its estimate hardly grows above what is sent, so after a narrow moment, or
 * behind an encoder that makes less than it may, it stays low for good. A change of `maxBitrate` makes it probe at once
 * (ENGINE-NOTES, "Probing by hand": the full rate was back in 1.6 s instead of not in 15). A probe that fails costs
 * latency, so only after a quiet, loss-free while, and ever less often where it brings nothing.
 */
export class ProbePolicy {
  #quietSinceMs: number | undefined;
  #lastBps = 0;
  #probe: { atMs: number; estimateBps: number } | undefined;
  #intervalMs = LEAST_INTERVAL_MS;

  /**
   * Call it with each estimate. @returns whether to probe now
   *
   * @param loss share of packets lost since the last call
   */
  due(estimateBps: number, maxBps: number, loss: number, nowMs: number): boolean {
    const fell = estimateBps < this.#lastBps * 0.95;
    this.#lastBps = estimateBps;
    if (this.#probe && estimateBps >= this.#probe.estimateBps * GAIN) {
      this.#intervalMs = LEAST_INTERVAL_MS;
      this.#probe = { ...this.#probe, estimateBps };
    }
    if (fell || loss > 0) {
      this.#quietSinceMs = undefined;
      return false;
    }
    this.#quietSinceMs ??= nowMs;
    if (estimateBps >= ENOUGH * maxBps || nowMs - this.#quietSinceMs < QUIET_MS) return false;
    if (this.#probe) {
      if (nowMs - this.#probe.atMs < this.#intervalMs) return false;
      this.#intervalMs = Math.min(MOST_INTERVAL_MS, this.#intervalMs * 2);
    }
    this.#probe = { atMs: nowMs, estimateBps };
    return true;
  }
}
