const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** A model that ran this long did not crash because it was started again too early. */
const STEADY_MS = 60_000;

/** How long to wait before the next start: half a second, doubled with each crash in a row, at most 30 s. */
export class Backoff {
  #crashes = 0;

  /** @param ranMs how long the process had run when it ended. */
  nextDelayMs(ranMs: number): number {
    if (ranMs >= STEADY_MS) this.#crashes = 0;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** this.#crashes, LONGEST_DELAY_MS);
    this.#crashes++;
    return delayMs;
  }
}
