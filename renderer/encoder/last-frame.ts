/** A model that yielded nothing for this long is idle: 2 frames at the slowest rate that still looks like motion. */
const IDLE_AFTER_MS = 500;
/** Keeps the viewer's decoder, its jitter buffer and Chromium's bandwidth estimate awake at next to no cost. */
const REPEAT_EVERY_MS = 500;
/**
 * ... but first so often, each time the encoder asks: quantizers come down by a little with each picture, and at two a second a
 * picture that stands still would look for ten seconds like the first of a stream (docs/media.md).
 */
const REFINING_REPEATS = 30;
/** A new viewer gets the picture at once, and again: what is written while its sender still starts up is lost. */
const NEW_VIEWER_REPEATS_MS = [0, 100, 300];

/**
 * Decides when the last picture of a track is written again: for a viewer that has just connected, and at a low rate
 * while the model is idle and somebody watches. Knows no pictures, only times.
 */
export class LastFramePolicy {
  /** When the model yielded the picture; undefined without one. */
  #newMs: number | undefined;
  #writtenMs = 0;
  #wanted: number[] = [];
  #refining = 0;

  /** A new picture was written. */
  written(nowMs: number): void {
    this.#newMs = nowMs;
    this.#writtenMs = nowMs;
    this.#refining = REFINING_REPEATS;
  }

  /** The track has no picture (any more). */
  clear(): void {
    this.#newMs = undefined;
    this.#wanted = [];
  }

  viewerConnected(nowMs: number): void {
    this.#refining = REFINING_REPEATS;
    this.#wanted.push(...NEW_VIEWER_REPEATS_MS.map((afterMs) => nowMs + afterMs));
    this.#wanted.sort((one, other) => one - other);
  }

  /** Is it to be written again now? Counts as written then, so ask once. */
  due(nowMs: number, viewers: number): boolean {
    if (this.#newMs === undefined) return false;
    const wanted = this.#wanted.some((atMs) => atMs <= nowMs);
    this.#wanted = this.#wanted.filter((atMs) => atMs > nowMs);
    if (viewers === 0) return false;
    const isIdle = nowMs - this.#newMs >= IDLE_AFTER_MS;
    const isDue = this.#refining > 0 || nowMs - this.#writtenMs >= REPEAT_EVERY_MS;
    if (!wanted && !(isIdle && isDue)) return false;
    this.#writtenMs = nowMs;
    this.#refining -= 1;
    return true;
  }
}
