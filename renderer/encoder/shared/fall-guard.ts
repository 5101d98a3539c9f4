import type { Sent } from './sent-rate.ts';

/** What one reading of the connection's statistics tells of its link. */
export interface LinkSample {
  /** What is taken of its estimate (LinkClimb), in bits per second. */
  takenBps: number;
  /**
   * `targetBitrate` of the sender: lower while more is on its way than the congestion window holds. Null where there is none, and
   * while the estimate is a mere promise, which may be taken back.
   */
  targetBps: number | null;
}

/** What a sample is compared with: the highest of so long. */
const PEAK_WINDOW_MS = 1000;
/** Below this share of the peak the link has fallen. A noisy estimate moves by a tenth, GCC's own steps are 0.85. */
const FALL = 0.6;
/** ... and below this of what is sent: an estimate that nobody makes use of may fall as it likes. */
const BELOW_SENT = 0.75;
/** From less, what stands in the queue is little, and Chromium's own control does well. */
const LEAST_PEAK_BPS = 1_500_000;
/** A fall is answered once: what the answer does to the estimate is no further one. */
const REST_MS = 2000;
/** The estimate of a new connection goes up and down with its first picture, which is a large one. */
const BEGINNING_MS = 3000;

/** Notices within 0.2 s that a link has become much narrower, which Chromium's estimate tells after 0.5 (docs/media.md). */
export class FallGuard {
  #samples: (LinkSample & { atMs: number })[] = [];
  #notBeforeMs: number | undefined;

  /** Call it with each sample, many times a second. @returns whether the link has fallen just now */
  fell(sample: LinkSample, sent: Sent, nowMs: number): boolean {
    this.#notBeforeMs ??= nowMs + BEGINNING_MS;
    this.#samples = this.#samples.filter(({ atMs }) => nowMs - atMs <= PEAK_WINDOW_MS);
    this.#samples.push({ ...sample, atMs: nowMs });
    if (nowMs < this.#notBeforeMs || sent.isBurst || !this.#isLow(sample, sent.bps)) return false;
    this.rest(nowMs);
    return true;
  }

  /** The estimate begins anew: nothing that came before can be compared. */
  rest(nowMs: number): void {
    this.#samples = [];
    this.#notBeforeMs = nowMs + REST_MS;
  }

  #isLow({ takenBps, targetBps }: LinkSample, sentBps: number): boolean {
    const peakTargetBps = Math.max(...this.#samples.map((each) => each.targetBps ?? 0));
    const push = targetBps === null || peakTargetBps === 0 ? 1 : targetBps / peakTargetBps;
    const nowBps = push * takenBps;
    const peakBps = Math.max(...this.#samples.map((each) => each.takenBps));
    return peakBps >= LEAST_PEAK_BPS && nowBps < FALL * peakBps && nowBps < BELOW_SENT * sentBps;
  }
}
