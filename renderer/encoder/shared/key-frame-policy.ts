/** A viewer that asks again while its key frame is on the way must not get a second one; three a second are plenty. */
const LEAST_INTERVAL_MS = 300;
/** However narrow the link: a viewer that joins waits no longer than this. */
const LONGEST_INTERVAL_MS = 2000;
/** Key frames may take this share of the link; the rest is for the pictures between them. */
const SHARE = 0.5;

/**
 * Key frames of one encoder: whoever needs one (a loss, a viewer that joins) gets the same as all others who need one, and
 * those who do not need one are not made to wait. At most one in `LEAST_INTERVAL_MS`, and fewer where a key frame takes
 * long to send: two at 1 Mbps in a row would be a standing queue.
 */
export class KeyFramePolicy {
  /** The first picture of an encoder is one. */
  #wanted = true;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  get wanted(): boolean {
    return this.#wanted;
  }

  /** Would `take` say yes? */
  due(nowMs: number): boolean {
    return this.#wanted && nowMs >= this.#notBeforeMs;
  }

  request(): void {
    this.#wanted = true;
  }

  /** Is the next picture to be a key frame? Ask once a picture: it counts as promised then. */
  take(nowMs: number): boolean {
    if (!this.due(nowMs)) return false;
    this.#wanted = false;
    this.#notBeforeMs = nowMs + LEAST_INTERVAL_MS;
    return true;
  }

  /** What was promised did not come out of the encoder: it is owed at once. */
  lost(): void {
    this.#wanted = true;
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
  }

  /** A key frame of this size came out of the encoder. It is for all who have asked until now. */
  made(bytes: number, rateBps: number, nowMs: number): void {
    this.#wanted = false;
    const sendMs = (bytes * 8 * 1000) / rateBps;
    const intervalMs = Math.min(LONGEST_INTERVAL_MS, Math.max(LEAST_INTERVAL_MS, sendMs / SHARE));
    this.#notBeforeMs = Math.max(this.#notBeforeMs, nowMs + intervalMs);
  }
}
