/**
 * Gives one viewer's stand-in frames the access units of the shared encoder.
 *
 * A viewer's sender carries a 16x16 stand-in picture per access unit. Once its encoder has turned the picture into an
 * encoded frame, that frame's bytes are replaced by the access unit, and congestion control, pacing, NACK/RTX and SRTP
 * stay Chromium's. The rules, each with a case in the test table:
 *
 * - Every stand-in that came out of its encoder is sent with some access unit: a dropped one would be a gap in the frame
 *   numbers that the receiver waits for. So what is ahead waits for what is behind, whichever it is.
 * - A stand-in that turned key (the viewer asked for a key frame) is held until a key access unit is there: the bytes of
 *   a delta inside a frame marked key break VP9. The deltas in between are skipped, the viewer cannot use them.
 * - A key access unit makes everything that waited before it superfluous.
 * - A stand-in that its encoder dropped is written again as soon as it is overdue; if the old one comes all the same, it
 *   is kept for the next access unit. So nothing is waited for twice.
 * - Stand-ins carry no name, so after a loss each access unit may go out in the stand-in of the next: one frame late, for
 *   ever, and nothing overdue. That shows as access units left over each time that a stand-in comes: after
 *   `standingLag` times in a row another one is written. (Measured on both engines before this rule: 33 ms that stayed.)
 * - More than `maxWaiting` access units waiting means that this sender does not keep up: all go, and a key frame is asked
 *   for. Latency is bounded by that, at the price of a pause for this viewer alone.
 *
 * Source: the finding of ENGINE-NOTES "What the prototype taught"; RFC 6386 and the VP9 RTP payload (RFC 9628) for why
 * frame numbers must be without gaps.
 *
 * @packageDocumentation
 */

export interface AccessUnit {
  readonly key: boolean;
}

export interface StandIn {
  readonly key: boolean;
}

export interface MatcherEvents<U extends AccessUnit, S extends StandIn> {
  /** Write one stand-in picture to the sender's track, for this access unit's time. */
  writeStandIn(unit: U): void;
  /** Put the bytes of the access unit into the stand-in's frame and send it. */
  send(standIn: S, unit: U): void;
  /** This viewer cannot go on without a key frame. */
  needKeyFrame(): void;
}

export interface MatcherLimits {
  /** A stand-in counts as dropped by its encoder after three times the usual wait, but within these bounds. */
  leastExpiryMs: number;
  mostExpiryMs: number;
  /** So many stand-ins in a row that left access units waiting are a standing lag. */
  standingLag: number;
  /** More access units than this waiting for stand-ins: give up on them and start again at a key frame. */
  maxWaiting: number;
}

/**
 * A stand-in comes back in 1 to 4 ms on an idle core and in up to two frame intervals on a crowded one; waiting longer
 * than that costs more than a superfluous stand-in, which is merely kept. Six access units are 200 ms at 30 fps.
 */
export const defaultLimits: MatcherLimits = {
  leastExpiryMs: 12,
  mostExpiryMs: 70,
  standingLag: 4,
  maxWaiting: 6,
};

const EXPIRY_TIMES = 3;

/** Counters since the viewer came, for statistics. */
export interface MatcherCounts {
  sent: number;
  /** Access units not sent to this viewer: before its first key frame, superseded by one, or given up. */
  skipped: number;
  standInsLost: number;
  standInsLate: number;
  /** Times that everything waiting was given up. */
  restarts: number;
  keyFramesAsked: number;
}

export class StandInMatcher<U extends AccessUnit, S extends StandIn> {
  readonly counts: MatcherCounts = {
    sent: 0,
    skipped: 0,
    standInsLost: 0,
    standInsLate: 0,
    restarts: 0,
    keyFramesAsked: 0,
  };
  readonly #events: MatcherEvents<U, S>;
  readonly #limits: MatcherLimits;
  /** Access units in decoding order that have no stand-in yet. */
  readonly #units: U[] = [];
  /** Encoded stand-ins that have no access unit yet. */
  readonly #held: S[] = [];
  /** When each stand-in that has not come back was written, oldest first, in milliseconds. */
  readonly #writtenMs: number[] = [];
  #expired = 0;
  /** How long a stand-in takes, as a moving mean. */
  #usualMs: number | undefined;
  /** Stand-ins in a row that left access units waiting. */
  #lagging = 0;
  #needsKey = true;
  #closed = false;

  constructor(events: MatcherEvents<U, S>, limits: MatcherLimits = defaultLimits) {
    this.#events = events;
    this.#limits = limits;
  }

  /** Access units, held stand-ins and written stand-ins on the way. At most one of the first two is above 0. */
  get queues(): { units: number; held: number; written: number } {
    return { units: this.#units.length, held: this.#held.length, written: this.#writtenMs.length };
  }

  /** The shared encoder has made an access unit. */
  onUnit(unit: U, nowMs: number): void {
    if (this.#closed) return;
    this.#expire(nowMs);
    if (unit.key) {
      this.counts.skipped += this.#units.length;
      this.#units.length = 0;
      this.#needsKey = false;
    } else if (this.#needsKey) {
      this.counts.skipped += 1;
      this.#askForKey();
      return;
    }
    this.#units.push(unit);
    if (this.#units.length > this.#limits.maxWaiting) {
      this.#restart();
      return;
    }
    this.#match();
    this.#writeMissing(nowMs);
  }

  /** The sender's encoder has made a frame of a stand-in. */
  onStandIn(standIn: S, nowMs: number): void {
    if (this.#closed) return;
    const writtenMs = this.#writtenMs.shift();
    if (writtenMs !== undefined) {
      const ms = nowMs - writtenMs;
      this.#usualMs = this.#usualMs === undefined ? ms : this.#usualMs + (ms - this.#usualMs) / 8;
    } else if (this.#expired > 0) {
      this.#expired -= 1;
      this.counts.standInsLate += 1;
    }
    this.#held.push(standIn);
    this.#match();
    this.#lagging = this.#units.length > 0 ? this.#lagging + 1 : 0;
    if (this.#lagging >= this.#limits.standingLag) {
      this.#lagging = 0;
      this.#lose();
    }
    this.#writeMissing(nowMs);
  }

  /** To be called now and then (every frame interval will do) while access units may be waiting. */
  onTick(nowMs: number): void {
    if (this.#closed) return;
    this.#expire(nowMs);
    this.#writeMissing(nowMs);
  }

  /** The stream changes (other rung, other size): only a key frame of the new one is of use. */
  startAgain(): void {
    this.counts.skipped += this.#units.length;
    this.#units.length = 0;
    this.#needsKey = true;
    this.#askForKey();
  }

  close(): void {
    this.#closed = true;
    this.#units.length = 0;
    this.#held.length = 0;
    this.#writtenMs.length = 0;
  }

  #match(): void {
    for (;;) {
      const standIn = this.#held[0];
      const unit = this.#units[0];
      if (standIn === undefined || unit === undefined) return;
      if (standIn.key && !unit.key) {
        this.startAgain();
        return;
      }
      this.#held.shift();
      this.#units.shift();
      this.counts.sent += 1;
      this.#events.send(standIn, unit);
    }
  }

  #writeMissing(nowMs: number): void {
    const onTheWay = this.#held.length + this.#writtenMs.length;
    for (const unit of this.#units.slice(onTheWay)) {
      this.#writtenMs.push(nowMs);
      this.#events.writeStandIn(unit);
    }
  }

  #expire(nowMs: number): void {
    const { leastExpiryMs, mostExpiryMs } = this.#limits;
    const usualMs = this.#usualMs ?? mostExpiryMs;
    const expiryMs = Math.min(mostExpiryMs, Math.max(leastExpiryMs, EXPIRY_TIMES * usualMs));
    while (this.#writtenMs[0] !== undefined && nowMs - this.#writtenMs[0] > expiryMs) this.#lose();
  }

  /** The oldest stand-in on the way is not waited for any longer. */
  #lose(): void {
    if (this.#writtenMs.shift() === undefined) return;
    this.#expired += 1;
    this.counts.standInsLost += 1;
  }

  #restart(): void {
    this.counts.restarts += 1;
    this.startAgain();
  }

  #askForKey(): void {
    this.counts.keyFramesAsked += 1;
    this.#events.needKeyFrame();
  }
}
