import type { Sent } from './sent-rate.ts';

/** Each step may bring so much more than what was taken before, and shows within its time whether it fits. */
const STEP = { times: 1.35, everyMs: 300 };
/** Near a rate that did not fit lately: what is a little too much stands in the queue for a moment only. */
const CAREFUL_STEP = { times: 1.2, everyMs: 400 };
/** From this share of that rate on, up to so many times of it: then the link is another one. */
const CAREFUL_FROM = 0.85;
const CAREFUL_TO = 1.25;
const CAREFUL_FOR_MS = 12_000;
/** An estimate that falls by so much tells that what was taken was too much. */
const TOO_MUCH = 0.8;
/** What a link has carried so lately it is believed to carry again: an estimate that dips for a key frame comes back at once. */
const PROVEN_FOR_MS = 2000;
/** Less than this a link is narrow: a key frame alone fills the congestion window, and the estimate dips for a moment. */
const NARROW_BPS = 1_500_000;
const DIP_MS = 250;
/** A key frame, a fifth of a second's bits at once, makes even a wide link's estimate break down for a reading or two. */
const BREAK = 0.7;
const BREAK_MS = 90;
/**
 * Chromium begins a new connection with probes of three and six times its start rate, which are too many packets for a token
 * bucket to let pass. What they promise twice in a row is believed, unless the estimate has dipped before: one reading may be of
 * before the first picture, whose packets fill a narrow link.
 */
const NEW_FOR_MS = 1000;
/** What a rate that is made use of sends of it: pictures are at most 0.88 of what is taken (rate-follow.ts), less the sound. */
const USED = 0.5;
/** ... and usually. */
const USUAL = 0.7;

/**
 * What is taken of a link that is said to have room. A probe is a few packets, which a token bucket lets pass at any rate: it
 * promised 2.5 Mbps of a link of 1 (docs/media.md). So after a fall the rate goes up step by step, from 1 to 5 Mbps in 1.6 s,
 * and Chromium's delay based estimate takes a promise back before much is lost.
 */
export class LinkClimb {
  #bps: number | undefined;
  #steppedMs = 0;
  #sentBps = 0;
  #lowSinceMs: number | undefined;
  #proven = { bps: 0, atMs: 0 };
  #tooMuch: { bps: number; untilMs: number } | undefined;
  #fellFromBps: number | undefined;
  /** Until when it is new. */
  #newUntilMs: number | undefined;
  #isPromised = false;

  /** What is taken, in bits per second; undefined before the first estimate. */
  get bps(): number | undefined {
    return this.#bps;
  }

  /**
   * @param estimateBps the estimate now, in bits per second
   * @param sent what leaves of it
   * @returns what to take of the estimate, in bits per second
   */
  update(estimateBps: number, sent: Sent, nowMs: number): number {
    this.#sentBps = sent.bps;
    this.#newUntilMs ??= nowMs + NEW_FOR_MS;
    const before = this.#bps ?? estimateBps;
    const bps =
      estimateBps >= before
        ? this.#risen(before, estimateBps, nowMs)
        : this.#fallen(before, estimateBps, sent.isBurst, nowMs);
    if (bps >= this.#proven.bps || nowMs - this.#proven.atMs >= PROVEN_FOR_MS) {
      this.#proven = { bps, atMs: nowMs };
    }
    if (this.#fellFromBps !== undefined && bps >= this.#fellFromBps) this.#fellFromBps = undefined;
    this.#bps = bps;
    return bps;
  }

  /** The link is another one now: of what it is said to have, nothing is believed that was not made use of. */
  begin(bps: number, fellFromBps: number, nowMs: number): void {
    this.#bps = bps;
    this.#steppedMs = nowMs;
    // Fallen again while it climbed: not the link is another one, it was taken for too much.
    this.#tooMuch = this.#fellFromBps === undefined ? undefined : this.#tooMuchOf(nowMs);
    this.#fellFromBps = Math.max(fellFromBps, this.#fellFromBps ?? 0);
    this.#proven = { bps: 0, atMs: 0 };
    this.#newUntilMs = 0;
  }

  #risen(before: number, estimateBps: number, nowMs: number): number {
    this.#lowSinceMs = undefined;
    if (nowMs < (this.#newUntilMs ?? 0)) {
      const wasPromised = this.#isPromised;
      this.#isPromised = estimateBps > before;
      return wasPromised ? estimateBps : before;
    }
    const { times, everyMs } = this.#step(before, nowMs);
    if (nowMs - this.#steppedMs < everyMs) return before;
    this.#steppedMs = nowMs;
    const isUsed = this.#fellFromBps === undefined || this.#sentBps >= USED * before;
    const proven = nowMs - this.#proven.atMs < PROVEN_FOR_MS ? this.#proven.bps : 0;
    return Math.min(estimateBps, Math.max(isUsed ? before * times : before, proven));
  }

  #fallen(before: number, estimateBps: number, isBurst: boolean, nowMs: number): number {
    const brokenMs = estimateBps < BREAK * before ? BREAK_MS : 0;
    this.#lowSinceMs ??= nowMs;
    this.#newUntilMs = 0;
    if (nowMs - this.#lowSinceMs < (isBurst || before < NARROW_BPS ? DIP_MS : brokenMs)) return before;
    this.#lowSinceMs = undefined;
    if (this.#fellFromBps !== undefined && estimateBps < TOO_MUCH * before) {
      this.#tooMuch = this.#tooMuchOf(nowMs);
      this.#proven = { bps: 0, atMs: 0 };
    }
    return estimateBps;
  }

  /** What was sent last, as a rate of the link. */
  #tooMuchOf(nowMs: number): { bps: number; untilMs: number } {
    return { bps: Math.min(this.#bps ?? 0, this.#sentBps / USUAL), untilMs: nowMs + CAREFUL_FOR_MS };
  }

  #step(before: number, nowMs: number): typeof STEP {
    const { bps = 0, untilMs = 0 } = this.#tooMuch ?? {};
    if (nowMs > untilMs || before > CAREFUL_TO * bps) this.#tooMuch = undefined;
    return this.#tooMuch && before * STEP.times > CAREFUL_FROM * bps ? CAREFUL_STEP : STEP;
  }
}
