/**
 * The first picture of libvpx and libaom is as large as a full buffer allows, 310 KB with VP9 at 4 Mbps, which is 0.6 s of
 * the link. With the encoder begun at a part of the rate it is that part of it.
 */
const FIRST_PICTURE_SHARE = 0.3;
/**
 * After a key frame a constant-rate encoder saves what that took, and needs seconds to the quality that its rate allows
 * (docs/media.md). With so many times the rate for so long it is there in half a second.
 */
const OPENING_TIMES = 2.5;
const OPENING_MS = 500;
/** A software encoder may take half a second to its first picture while a viewer connects, and probes come after that. */
const ROOM_WITHIN_MS = 1000;
/** A first picture that takes a link of the start rate so long fills its queue; what comes behind it is not to be more than usual. */
const SMALL_FIRST_MS = 150;
/** A link that comes to carry less than so much of what was taken for granted has no room any more. */
const SLOW_SHARE = 0.8;

export interface OpeningLimits {
  startBps: number;
  maxBps: number;
}

/**
 * The bitrate of an encoder in its first moments. Its first picture is small, so that it is soon there on any link; one that
 * got ready for a viewer who was still to come is then given more for half a second, once that viewer's link is known to
 * have room.
 */
export class OpeningRate {
  readonly #limits: OpeningLimits;
  #begun = false;
  /** How long its first picture takes on a link of the start rate. */
  #firstMs = 0;
  /** Infinite until its first viewer is there. */
  #openUntilMs: number;
  #isRaised = false;
  /** Encoders overshoot then: the mean of the opening is kept to the maximum. */
  #leftBytes: number;

  /** @param isEarly whether its first viewer is still to come */
  constructor(limits: OpeningLimits, isEarly: boolean) {
    this.#limits = limits;
    this.#leftBytes = (limits.maxBps * OPENING_MS) / 8000;
    this.#openUntilMs = isEarly ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** The next picture is the first of its size. */
  begin(): void {
    this.#begun = false;
  }

  /** The encoder has made a picture. */
  made(bytes: number, nowMs: number): void {
    if (!this.#begun) this.#firstMs = (bytes * 8000) / this.#limits.startBps;
    this.#begun = true;
    if (!this.isRaised(nowMs)) return;
    this.#leftBytes -= bytes;
    if (this.#leftBytes <= 0) this.#openUntilMs = nowMs;
  }

  /** From now on somebody is sent what it makes. */
  firstViewer(nowMs: number): void {
    if (this.#openUntilMs === Number.POSITIVE_INFINITY) this.#openUntilMs = nowMs + ROOM_WITHIN_MS;
  }

  isOpen(nowMs: number): boolean {
    return nowMs < this.#openUntilMs;
  }

  /**
   * Whether each picture is to be encoded twice: somebody sees it get better, and either there is room, or its first picture was no
   * trial for the link that is taken for granted.
   */
  isRefining(nowMs: number): boolean {
    if (!this.#isWatched(nowMs)) return false;
    return this.#isRaised || (this.#begun && this.#firstMs < SMALL_FIRST_MS);
  }

  /** Whether it is given more. */
  isRaised(nowMs: number): boolean {
    return this.#isRaised && this.isOpen(nowMs);
  }

  /** @param allowedBps what its viewers' links leave; what is taken for granted while that is not known */
  update(allowedBps: number, nowMs: number): void {
    if (!this.#isWatched(nowMs)) return;
    const { startBps } = this.#limits;
    if (allowedBps < SLOW_SHARE * startBps) {
      this.#openUntilMs = nowMs;
    } else if (!this.#isRaised && allowedBps > startBps) {
      this.#isRaised = true;
      this.#openUntilMs = nowMs + OPENING_MS;
    }
  }

  /**
   * What to configure the encoder with.
   *
   * @param usualBps what it gets once it is settled
   */
  bps(usualBps: number, nowMs: number): number {
    if (!this.#begun) return Math.round(FIRST_PICTURE_SHARE * usualBps);
    if (!this.isRaised(nowMs)) return usualBps;
    return Math.max(usualBps, Math.round(Math.min(this.#limits.maxBps, OPENING_TIMES * usualBps)));
  }

  /** It is open, and its first viewer is there. */
  #isWatched(nowMs: number): boolean {
    return this.isOpen(nowMs) && this.#openUntilMs !== Number.POSITIVE_INFINITY;
  }
}
