const WINDOW_MS = 1000;
/** A key frame leaves within this, and the pictures behind it. */
const BURST_MS = 300;
/** So much more than before is a burst. */
const BURST_TIMES = 1.8;

/** What the link's policies want to know of it. */
export type Sent = Pick<SentRate, 'bps' | 'isBurst'>;

/** What has left for the first time lately, from a counter that is read many times a second. */
export class SentRate {
  #samples: { bytes: number; atMs: number }[] = [];

  add(bytes: number, nowMs: number): void {
    this.#samples = this.#samples.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    this.#samples.push({ bytes, atMs: nowMs });
  }

  /** Of the last second, in bits per second. */
  get bps(): number {
    return rate(this.#samples[0], this.#samples.at(-1));
  }

  /** A key frame fills the congestion window, also of a link that has room: what Chromium makes of that is no news of the link. */
  get isBurst(): boolean {
    const last = this.#samples.at(-1);
    const from = this.#samples.find(({ atMs }) => last && last.atMs - atMs <= BURST_MS);
    const before = rate(this.#samples[0], from);
    return before > 0 && rate(from, last) > BURST_TIMES * before;
  }
}

interface Sample {
  bytes: number;
  atMs: number;
}

function rate(from: Sample | undefined, to: Sample | undefined): number {
  if (!from || !to || to.atMs <= from.atMs) return 0;
  return ((to.bytes - from.bytes) * 8000) / (to.atMs - from.atMs);
}
