/** Fewer than this are no moving picture any more: then the size has to give way after all. */
export const LEAST_FPS = 5;
/** As in resolution-ladder.ts: more again only with this much to spare, for so long. */
const SPARE_TO_RISE = 1.35;
const RISE_AFTER_MS = 3000;

/** What a track whose size is kept (`content: detail`) gives up instead: only every n-th picture is encoded. */
export class FrameRateLadder {
  readonly #fps: number;
  #every = 1;
  #roomSinceMs: number | undefined;
  #lastUs = Number.NEGATIVE_INFINITY;

  /** @param fps declared by the track */
  constructor(fps: number) {
    this.#fps = fps;
  }

  get every(): number {
    return this.#every;
  }

  /**
   * @param neededBps for all pictures at their full size
   * @param scale the share of the pictures that this machine has time for
   * @returns n
   */
  update(neededBps: number, rateBps: number, nowMs: number, scale = 1): number {
    const most = Math.max(1, Math.floor(this.#fps / LEAST_FPS));
    const least = (spare: number) =>
      Math.min(
        most,
        Math.max(1, Math.ceil((spare * neededBps) / Math.max(1, rateBps)), Math.round(1 / scale)),
      );
    const wanted = least(1);
    if (wanted > this.#every) this.#every = wanted;
    const better = least(SPARE_TO_RISE);
    if (better >= this.#every) {
      this.#roomSinceMs = undefined;
      return this.#every;
    }
    this.#roomSinceMs ??= nowMs;
    if (nowMs - this.#roomSinceMs >= RISE_AFTER_MS) {
      this.#every = better;
      this.#roomSinceMs = undefined;
    }
    return this.#every;
  }

  /** Is the picture of this stamp one of those that are encoded? Ask once a picture. */
  takes(timestampUs: number): boolean {
    const sinceUs = timestampUs - this.#lastUs;
    // Half an interval of tolerance: models are not even. Stamps that go back are those of another model process.
    if (this.#every > 1 && sinceUs >= 0 && sinceUs < ((this.#every - 0.5) * 1e6) / this.#fps) return false;
    this.#lastUs = timestampUs;
    return true;
  }
}
