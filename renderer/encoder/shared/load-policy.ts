/** What the last while was like on this machine. */
export interface Load {
  /** Pictures that came to the encoders, and those of them that were closed because the encoder was still busy. */
  offered: number;
  skipped: number;
  /** Mean time that an access unit waited for its stand-in, in milliseconds; null without any. */
  waitMs: number | null;
}

/** More than this share of pictures skipped is no accident: one in 30 is skipped now and then on an idle machine. */
const MOST_SKIPPED = 0.08;
/** A stand-in takes 1 to 4 ms on a machine that has time; at 8 the viewers' frame rate was falling (docs/media.md). */
const MOST_WAIT_MS = 8;
/** Well under both, there is room. */
const ROOM = 0.5;
/** Rate and size fall by as much as the strain is too much, but within these: it takes effect only after a while. */
const LEAST_FALL = 0.9;
const MOST_FALL = 0.6;
const FALL_EVERY_MS = 2000;
/** ... and come back in steps that can be taken back. */
const RISE = 1.25;
/** Under a sixteenth there are hardly any bits left to save: what is left costs by the viewer, not by the bit. */
const LEAST_SCALE = 1 / 16;
/** An encoder that starts skips pictures too, and viewers who join cost key frames, for a moment. */
const STRAINED_ROUNDS = 2;
/** How long there must have been room before it rises, doubled each time that rising was too much. */
const FIRST_HOLD_MS = 4000;
const LONGEST_HOLD_MS = 120_000;

/**
 * What this machine's processors allow: when the encoders do not keep up, every viewer is given less, so that all keep the
 * frame rate. With many viewers bits are what can be saved, for packets are most of what a further one costs; with one it is
 * samples, for the encoder goes by them (SharedTrack hands on both, resolution-ladder.ts turns them into a size).
 */
export class LoadPolicy {
  #scale = 1;
  #roomSinceMs: number | undefined;
  #holdMs = FIRST_HOLD_MS;
  #rose = false;
  #strained = 0;
  #fellMs = Number.NEGATIVE_INFINITY;

  /** The share of the usual rate that there is time for, up to 1. */
  get scale(): number {
    return this.#scale;
  }

  /** Call it about once a second. @returns whether the scale has changed */
  update({ offered, skipped, waitMs }: Load, nowMs: number): boolean {
    const strain = Math.max(
      offered > 0 ? skipped / offered / MOST_SKIPPED : 0,
      waitMs === null ? 0 : waitMs / MOST_WAIT_MS,
    );
    if (strain > 1) {
      this.#roomSinceMs = undefined;
      this.#strained += 1;
      if (this.#strained < STRAINED_ROUNDS || nowMs - this.#fellMs < FALL_EVERY_MS) return false;
      this.#fellMs = nowMs;
      if (this.#rose) this.#holdMs = Math.min(LONGEST_HOLD_MS, this.#holdMs * 2);
      this.#rose = false;
      return this.#set(this.#scale * Math.min(LEAST_FALL, Math.max(MOST_FALL, 1 / strain)));
    }
    this.#strained = 0;
    if (strain > ROOM) {
      this.#roomSinceMs = undefined;
      return false;
    }
    this.#roomSinceMs ??= nowMs;
    if (this.#scale === 1 || nowMs - this.#roomSinceMs < this.#holdMs) return false;
    this.#roomSinceMs = nowMs;
    this.#rose = true;
    return this.#set(this.#scale * RISE);
  }

  #set(scale: number): boolean {
    const before = this.#scale;
    this.#scale = Math.min(1, Math.max(LEAST_SCALE, scale));
    if (this.#scale === 1) this.#holdMs = FIRST_HOLD_MS;
    return this.#scale !== before;
  }
}
