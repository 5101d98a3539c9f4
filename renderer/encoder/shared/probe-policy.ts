/** A link that has been quiet for so long may have room again. */
const QUIET_MS = 1000;
/**
 * The time between two probes that bring nothing. Chromium's are 15 ms long: at twice the rate of a link of 1 Mbps that is
 * 40 ms of queue, which the pictures behind it are late by.
 */
const INTERVAL_MS = 2000;
/** Where it has brought nothing for long, it may as well be asked less often. */
const LONG_INTERVAL_MS = 8000;
const LONG_AFTER = 30;
/** What a probe has brought shows within this. */
const RESULT_MS = 250;
/** An estimate of this share of what is needed is good enough. */
const ENOUGH = 0.9;
/** A probe has brought something when the estimate grew by this. */
const GAIN = 1.2;

/**
 * When to let Chromium probe a viewer's link: its estimate hardly grows above what is sent, so after a narrow moment, or
 * behind an encoder that makes less than it may, it stays low for good. A change of `maxBitrate` makes it probe at once
 * (ENGINE-NOTES, "Probing by hand": the full rate was back in 1.6 s instead of not in 15). One that brings something is
 * followed by the next at once.
 */
export class ProbePolicy {
  #quietSinceMs: number | undefined;
  #lastBps = 0;
  #probe: { atMs: number; estimateBps: number } | undefined;
  #vain = 0;

  /**
   * Call it with each estimate. @returns whether to probe now: for the first time, or `again` after one that brought something
   *
   * @param neededBps what there is a use for
   * @param loss share of packets lost since the last call
   */
  due(estimateBps: number, neededBps: number, loss: number, nowMs: number): 'first' | 'again' | null {
    const fell = estimateBps < this.#lastBps * 0.95;
    this.#lastBps = estimateBps;
    if (fell || loss > 0) this.#quietSinceMs = undefined;
    else this.#quietSinceMs ??= nowMs;
    if (this.#quietSinceMs === undefined || estimateBps >= ENOUGH * neededBps) return null;
    const probe = this.#probe;
    if (probe && estimateBps >= GAIN * probe.estimateBps && nowMs - this.#quietSinceMs >= RESULT_MS) {
      this.#vain = 0;
      if (nowMs - probe.atMs < RESULT_MS) return null;
      this.#probe = { atMs: nowMs, estimateBps };
      return 'again';
    }
    const intervalMs = this.#vain < LONG_AFTER ? INTERVAL_MS : LONG_INTERVAL_MS;
    if (nowMs - this.#quietSinceMs < QUIET_MS || (probe && nowMs - probe.atMs < intervalMs)) return null;
    this.#vain += 1;
    this.#probe = { atMs: nowMs, estimateBps };
    return 'first';
  }
}
