/** The page sends statistics each second: ten missing in a row mean that it hangs. */
const SILENT_LIMIT_MS = 10_000;
/** Time for a page to load and connect, on a machine that is busy loading a model. */
const CONNECT_LIMIT_MS = 20_000;
/** Between two tries to open the page. */
const REOPEN_EVERY_MS = 2_000;
/** A watch that has not looked for this long was asleep with the whole machine: nobody hung. */
const ASLEEP_MS = 5_000;

export interface EncoderWatchState {
  connected: boolean;
  /** When the page was last heard, and last (re)opened; in milliseconds of any clock. */
  heardMs: number;
  openedMs: number;
}

/** Decides when the encoder page has to be opened again. Pure: asked once a second with the time. */
export class EncoderWatch {
  #lookedMs: number | undefined;

  /** The reason to reopen now, or undefined. */
  look(nowMs: number, { connected, heardMs, openedMs }: EncoderWatchState): string | undefined {
    const asleep = this.#lookedMs !== undefined && nowMs - this.#lookedMs > ASLEEP_MS;
    this.#lookedMs = nowMs;
    if (asleep || nowMs - openedMs < REOPEN_EVERY_MS) return undefined;
    if (connected) {
      const silentMs = nowMs - Math.max(heardMs, openedMs);
      return silentMs > SILENT_LIMIT_MS ? `silent for ${Math.round(silentMs / 1000)} s` : undefined;
    }
    return nowMs - Math.max(openedMs, heardMs) > CONNECT_LIMIT_MS ? 'does not connect' : undefined;
  }
}
