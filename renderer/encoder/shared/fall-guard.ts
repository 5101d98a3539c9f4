import type { Sent } from './sent-rate.ts';

/** What a sample is compared with: the highest of so long. */
const PEAK_WINDOW_MS = 1000;
/** Below this share of the peak the link has fallen; what falls by less is well left to Chromium. */
const FALL = 0.4;
/** ... and below this of what is sent: an estimate that nobody makes use of may fall as it likes. */
const BELOW_SENT = 0.75;
/** From less, what stands in the queue is little, and Chromium's own control does well. */
const LEAST_PEAK_BPS = 1_500_000;
/** A fall is answered once: what the answer does to the estimate is no further one. */
const REST_MS = 2000;
/** The estimate of a new connection goes up and down with its first picture, which is a large one. */
const BEGINNING_MS = 3000;

/** Notices within 0.3 s that a link has become much narrower (docs/media.md). */
export class FallGuard {
  #samples: { takenBps: number; atMs: number }[] = [];
  #notBeforeMs: number | undefined;

  /**
   * Call it many times a second.
   *
   * @param takenBps what is taken of the connection's estimate (LinkClimb), in bits per second
   * @returns whether the link has fallen just now
   */
  fell(takenBps: number, sent: Sent, nowMs: number): boolean {
    this.#notBeforeMs ??= nowMs + BEGINNING_MS;
    this.#samples = this.#samples.filter(({ atMs }) => nowMs - atMs <= PEAK_WINDOW_MS);
    this.#samples.push({ takenBps, atMs: nowMs });
    const peakBps = Math.max(...this.#samples.map((each) => each.takenBps));
    const isLow = peakBps >= LEAST_PEAK_BPS && takenBps < Math.min(FALL * peakBps, BELOW_SENT * sent.bps);
    if (nowMs < this.#notBeforeMs || sent.isBurst || !isLow) return false;
    this.rest(nowMs);
    return true;
  }

  /** The estimate begins anew: nothing that came before can be compared. */
  rest(nowMs: number): void {
    this.#samples = [];
    this.#notBeforeMs = nowMs + REST_MS;
  }
}
