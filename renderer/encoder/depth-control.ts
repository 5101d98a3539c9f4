/**
 * How deep sound is buffered, and how fast it is therefore played.
 *
 * Each time sound comes there is some left of what came before: the slack. The least slack of the last seconds is held at
 * an aim by playing up to 0.8 % faster or slower, which also follows a model whose clock drifts. The aim is as small as
 * what was seen of the model's punctuality allows, because sound that waits is late for its picture.
 *
 * Times are milliseconds of the caller's clock.
 *
 * @packageDocumentation
 */

/** Below this pitch changes are hardly heard (14 cents), and a drift of half a percent leaves room to correct. */
const MAX_RATIO_ERROR = 0.008;
/** What the first sound waits: nothing is known yet, and a page that starts has timers that are late. */
const FIRST_AIM_MS = 20;
/** A burst's time varies with its length: at a tenth, 0.5 s bursts on two busy cores ran dry. */
const AIM_SHARE_OF_BURST = 0.2;
/** For a timer and a socket on a machine that has something else to do. */
export const LEAST_AIM_MS = 15;
/** ITU-R BT.1359-1: sound that is later than the picture is noticed from 125 ms on. With the viewer's 40 ms this stays near it. */
const MOST_AIM_MS = 100;
/** So much was to be left even of the least in the last `MEMORY_MS`. */
const RESERVE_MS = 12;
const MEMORY_MS = 10_000;
/** Slow enough to find out how low it may get before it is too low; what is far too high falls faster. */
const AIM_FALLS_MS_PER_S = 2;
const AIM_HALVES_IN_S = 4;
/** It waits for the depth to follow, which takes its time where sound is heard. */
const FOLLOWED_MS = 10;

/** The least slack of so long, and of two pushes at least, is what is held at the aim. */
const WINDOW_MS = 2000;
/** Within it nothing is corrected: the slack wobbles by that much where nothing is wrong. */
const DEADBAND_MS = 3;
/** Of a ratio, for each second of slack. Too little slack shows at once, too much only when the window is over. */
const GAIN_WHEN_SHALLOW = 0.5;
const GAIN_WHEN_DEEP = 0.25;
/** Critically damped for the smaller gain: a quarter of its square. */
const INTEGRAL_GAIN = 0.0156;
/** Beyond this it is no drift: the buffer cuts it out. */
const MOST_DRIFTED_MS = 40;

/** What the slacks say: of the last seconds the least and the usual, and the least that is remembered. */
interface Slack {
  leastMs: number;
  usualMs: number;
  rememberedMs: number;
}

export class DepthControl {
  #aimMs = FIRST_AIM_MS;
  #slacks: { atMs: number; ms: number }[] = [];
  #slack: Slack = { leastMs: 0, usualMs: 0, rememberedMs: 0 };
  #drift = 0;
  #updatedMs: number | undefined;

  /** The slack of sound that comes in time. */
  get delayMs(): number {
    return Math.min(MOST_AIM_MS, this.#aimMs + this.#slack.usualMs - this.#slack.leastMs);
  }

  /** The slack that sound had that came in time lately; null before any has come. */
  get usualMs(): number | null {
    return this.#slacks.length > 0 ? this.#slack.usualMs : null;
  }

  /**
   * Sound has come.
   *
   * @param slackMs how long what came before would still have lasted
   */
  came(nowMs: number, slackMs: number): void {
    this.#slacks.push({ atMs: nowMs, ms: slackMs });
    while (this.#slacks.length > 2 && (this.#slacks[0]?.atMs ?? nowMs) < nowMs - MEMORY_MS)
      this.#slacks.shift();
    const { length } = this.#slacks;
    const last = this.#slacks
      .filter(({ atMs }, index) => atMs >= nowMs - WINDOW_MS || index >= length - 2)
      .map(({ ms }) => ms)
      .sort((one, other) => one - other);
    this.#slack = {
      leastMs: last[0] ?? 0,
      usualMs: last[last.length >> 1] ?? 0,
      rememberedMs: Math.min(...this.#slacks.map(({ ms }) => ms)),
    };
    this.#aimMs = Math.max(this.#aimMs, this.#neededMs);
  }

  /** The buffer was made deeper or (less than 0) shallower by other means. */
  shifted(ms: number): void {
    for (const slack of this.#slacks) slack.ms += ms;
    const { leastMs, usualMs, rememberedMs } = this.#slack;
    this.#slack = { leastMs: leastMs + ms, usualMs: usualMs + ms, rememberedMs: rememberedMs + ms };
  }

  /** A pause is over, or another model is there, with sound of `durationMs`: what was learnt of drift and aim stays. */
  restart(durationMs: number): void {
    this.#aimMs = Math.max(this.#aimMs, Math.min(MOST_AIM_MS, durationMs * AIM_SHARE_OF_BURST));
    this.#slacks = [];
    this.#updatedMs = undefined;
  }

  /** How much the least slack is above the aim; 0 where that is not known yet. */
  excessMs(nowMs: number): number {
    const [first] = this.#slacks;
    return first && nowMs - first.atMs >= WINDOW_MS ? this.#slack.leastMs - this.#aimMs : 0;
  }

  /** How many samples to take for each that is played, from now on. */
  ratio(nowMs: number): number {
    const seconds = this.#updatedMs === undefined ? 0 : Math.min(1, (nowMs - this.#updatedMs) / 1000);
    this.#updatedMs = nowMs;
    if (this.#slacks.length < 2) return 1 + this.#drift;
    const { leastMs } = this.#slack;
    if (leastMs - this.#aimMs < FOLLOWED_MS) this.#fall(seconds);
    const errorMs = leastMs - this.#aimMs;
    const beyondMs = Math.sign(errorMs) * Math.max(0, Math.abs(errorMs) - DEADBAND_MS);
    const gain = beyondMs < 0 ? GAIN_WHEN_SHALLOW : GAIN_WHEN_DEEP;
    const wanted = this.#drift + (gain * beyondMs) / 1000;
    const error = Math.max(-MAX_RATIO_ERROR, Math.min(MAX_RATIO_ERROR, wanted));
    // What is at its limit, or is no drift, teaches nothing of it.
    if (error === wanted && beyondMs < MOST_DRIFTED_MS)
      this.#drift += (INTEGRAL_GAIN * beyondMs * seconds) / 1000;
    return 1 + error;
  }

  #fall(seconds: number): void {
    const neededMs = this.#neededMs;
    const perS = Math.max(AIM_FALLS_MS_PER_S, (Math.LN2 * (this.#aimMs - neededMs)) / AIM_HALVES_IN_S);
    this.#aimMs = Math.max(neededMs, this.#aimMs - perS * seconds);
  }

  /** Rare lateness is only remembered: the least of the last seconds has to be above it by as much as it went below. */
  get #neededMs(): number {
    const { leastMs, rememberedMs } = this.#slack;
    return Math.min(MOST_AIM_MS, Math.max(LEAST_AIM_MS, RESERVE_MS + leastMs - rememberedMs));
  }
}
