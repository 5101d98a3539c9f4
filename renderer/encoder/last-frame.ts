/** A model that yielded nothing for this long is idle: 2 frames at the slowest rate that still looks like motion. */
const IDLE_AFTER_MS = 500;
/** Keeps the viewer's decoder, its jitter buffer and Chromium's bandwidth estimate awake at next to no cost. */
const REPEAT_EVERY_MS = 500;
/** A new viewer gets the picture at once, and again: what is written while its sender still starts up is lost. */
const NEW_VIEWER_REPEATS_MS = [0, 100, 300];

/**
 * Decides when the last picture of a track is written again: for a viewer that has just connected, and at a low rate
 * while the model is idle and somebody watches. Knows no pictures, only times.
 */
export class LastFramePolicy {
  #writtenMs: number | undefined;
  #wanted: number[] = [];

  /** A picture was written, new or again. */
  written(nowMs: number): void {
    this.#writtenMs = nowMs;
  }

  /** The track has no picture (any more). */
  clear(): void {
    this.#writtenMs = undefined;
    this.#wanted = [];
  }

  viewerConnected(nowMs: number): void {
    this.#wanted.push(...NEW_VIEWER_REPEATS_MS.map((afterMs) => nowMs + afterMs));
    this.#wanted.sort((one, other) => one - other);
  }

  /** Is it to be written again now? Takes the reason with it, so ask once. */
  due(nowMs: number, viewers: number): boolean {
    if (this.#writtenMs === undefined) return false;
    const wanted = this.#wanted.some((atMs) => atMs <= nowMs);
    this.#wanted = this.#wanted.filter((atMs) => atMs > nowMs);
    if (viewers === 0) return false;
    if (wanted) return true;
    return nowMs - this.#writtenMs >= Math.max(IDLE_AFTER_MS, REPEAT_EVERY_MS);
  }
}
