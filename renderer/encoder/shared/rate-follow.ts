import type { RateLimits } from '../track-limits.ts';

/**
 * For RTX, RTCP and packet headers, which the estimate covers as well: RTP, UDP and IP are 3 % of full packets. The rest is
 * room: a key frame, or one picture above the mean, into a link that is full to the brim is a queue, then a loss.
 */
const OVERHEAD_SHARE = 0.12;
/** A fall below this share of what is set is followed at once; each reconfiguration costs the encoder (ENGINE-NOTES). */
const FALL = 0.92;
/** ... a rise only above this, and at most once in `RISE_EVERY_MS`, by no more than `RISE_STEP`. */
const RISE = 1.08;
const RISE_STEP = 2;
const RISE_EVERY_MS = 300;
/** However little the link carries; the configured minimum is not sent into one that does not carry it. */
const LEAST_BPS = 50_000;
/** How far a measured overshoot is believed: beyond this it is a burst of key frames, not the rate control. */
const MOST_OVERSHOOT = 1.6;

/**
 * The bitrate of one encoder: follows what its viewers' links allow, fast downward, slowly upward, in few steps, and
 * takes off what the encoder is seen to make too much.
 */
export class RateFollow {
  readonly #limits: RateLimits;
  /** Bits per second that the pictures may take on the link. */
  #goalBps: number;
  #setBps: number;
  #raisedMs = Number.NEGATIVE_INFINITY;
  #overshoot = 1;

  constructor(limits: RateLimits) {
    this.#limits = limits;
    this.#goalBps = limits.startBps;
    this.#setBps = limits.startBps;
  }

  /** What the encoder is configured with, in bits per second. */
  get setBps(): number {
    return this.#setBps;
  }

  /** What the viewers may be sent, in bits per second: the resolution follows this, not what the encoder needs to be told. */
  get goalBps(): number {
    return this.#goalBps;
  }

  /**
   * @param allowedBps what the links leave for this encoder's pictures; null while nobody has an estimate
   * @returns the bitrate to configure now, null when what is set stays
   */
  update(allowedBps: number | null, nowMs: number): number | null {
    const { minBps, maxBps } = this.#limits;
    const leastBps = Math.min(minBps, LEAST_BPS);
    if (allowedBps !== null) this.#goalBps = clamp(allowedBps, leastBps, maxBps);
    const wanted = Math.max(leastBps, this.#goalBps / this.#overshoot);
    if (wanted < this.#setBps * FALL) return this.#set(wanted);
    if (nowMs - this.#raisedMs < RISE_EVERY_MS) return null;
    const rises = wanted > this.#setBps * RISE || (wanted > this.#setBps && this.#goalBps === maxBps);
    if (!rises) return null;
    this.#raisedMs = nowMs;
    return this.#set(Math.min(wanted, this.#setBps * RISE_STEP));
  }

  /** What came out of the encoder over the last second or more. */
  measured(actualBps: number): void {
    const ratio = clamp(actualBps / this.#setBps, 1, MOST_OVERSHOOT);
    // Fast up and slowly down: what is too much stands in a queue, what is too little is only a little quality.
    this.#overshoot += (ratio - this.#overshoot) * (ratio > this.#overshoot ? 0.5 : 0.1);
  }

  /** Another size: what it makes too much of that is yet to be seen. */
  forget(): void {
    this.#overshoot = 1;
  }

  #set(bps: number): number | null {
    const rounded = Math.round(bps);
    if (rounded === this.#setBps) return null;
    this.#setBps = rounded;
    return rounded;
  }
}

/** A video track beside the others of its connection. */
export interface Claim {
  /** See `rateWeight`; 0 while its size is not known. */
  weight: number;
  /** More than this it has no use for, in bits per second. */
  mostBps: number;
}

/**
 * Splits a connection's estimate among its video tracks by weight. What one has no use for goes to the others; what nobody
 * has a use for is handed out too, so that more than enough shows as such.
 *
 * @param estimateBps `availableOutgoingBitrate` of the connection
 * @param audioBps what its audio tracks take, before all pictures
 * @returns one share each, in bits per second
 */
export function shareRate(estimateBps: number, audioBps: number, claims: readonly Claim[]): number[] {
  let leftBps = Math.max(0, estimateBps * (1 - OVERHEAD_SHARE) - audioBps);
  const shares = claims.map(() => 0);
  let open = claims.map((claim, at) => ({ ...claim, at }));
  const byWeight = (among: readonly Claim[], { weight }: Claim) => {
    const sum = among.reduce((total, each) => total + each.weight, 0);
    return sum > 0 ? (leftBps * weight) / sum : leftBps / among.length;
  };
  while (open.length > 0) {
    const full = open.filter((claim) => byWeight(open, claim) >= claim.mostBps);
    if (full.length === 0) break;
    open = open.filter((claim) => !full.includes(claim));
    for (const { at, mostBps } of full) {
      shares[at] = mostBps;
      leftBps -= mostBps;
    }
  }
  const rest = open.length > 0 ? open : claims.map((claim, at) => ({ ...claim, at }));
  return shares.map((share, at) => {
    const claim = rest.find((each) => each.at === at);
    return claim ? share + byWeight(rest, claim) : share;
  });
}

/** The estimate at which `shareRate` leaves so much for each of the video tracks of a connection. */
export function linkFor(neededBps: readonly number[], audioBps: number): number {
  return neededBps.reduce((total, bps) => total + bps, audioBps) / (1 - OVERHEAD_SHARE);
}

/** Larger pictures need more, but less than in proportion: neighbouring samples are more alike (exponent as in Chromium). */
export function rateWeight(width: number, height: number): number {
  return (width * height) ** 0.75;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
