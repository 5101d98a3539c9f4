/** As long as a piece of WebRTC's sound. */
const PIECE_MS = 10;
/** Undisturbed, the phase turns from piece to piece as it did before, to 0.04 rad, also where a jitter buffer stretches. */
const PHASE_LIMIT_RAD = 0.3;
/** Of the usual loudness: a gap of 2 ms in a piece takes a fifth. */
const LOUDNESS_LIMIT = 0.9;
/** Of the usual loudness: less than half of a piece is there. */
const GAP_LIMIT = 0.5;
const ODDEST_PIECES = 1000 / PIECE_MS;

/** What became of a tone. */
export interface ToneReport {
  seconds: number;
  /** Of the whole: the mean turn of its phase. */
  hz: number;
  /** Of the second in which it is farthest from what it should be. */
  oddestHz: number;
  /** Half of what lies between its highest and its lowest sample, usually. */
  amplitude: number;
  /** Pieces of 10 ms of which most is missing, in milliseconds. */
  gapMs: number;
  /** Places where it does not go on as it was: silence, a cut, a repetition. Neighbouring pieces are one place. */
  unevenPlaces: number;
  /** The largest step from one sample to the next, of the largest in an undisturbed sine: far above 1 is a click. */
  largestStep: number;
}

/**
 * Follows one tone of about `hz` through its decoded samples, in pieces of 10 ms; keeps two numbers a piece, so that
 * minutes cost nothing. A tone that is a little off (drifting clocks) is even as long as it stays so.
 */
export class ToneMeter {
  readonly #hz: number;
  readonly #rateHz: number;
  readonly #pieceSamples: number;
  readonly #phases: number[] = [];
  readonly #loudness: number[] = [];
  #real = 0;
  #imaginary = 0;
  #inPiece = 0;
  #samples = 0;
  #last: number | undefined;
  #largestStep = 0;

  constructor(hz: number, rateHz: number) {
    this.#hz = hz;
    this.#rateHz = rateHz;
    this.#pieceSamples = (rateHz * PIECE_MS) / 1000;
  }

  get seconds(): number {
    return this.#samples / this.#rateHz;
  }

  /** One channel, -1 to 1. */
  add(samples: Float32Array): void {
    for (const sample of samples) {
      if (this.#last !== undefined)
        this.#largestStep = Math.max(this.#largestStep, Math.abs(sample - this.#last));
      this.#last = sample;
      const angle = (2 * Math.PI * this.#hz * this.#samples) / this.#rateHz;
      this.#real += sample * Math.cos(angle);
      this.#imaginary -= sample * Math.sin(angle);
      this.#samples += 1;
      this.#inPiece += 1;
      if (this.#inPiece < this.#pieceSamples) continue;
      this.#phases.push(Math.atan2(this.#imaginary, this.#real));
      this.#loudness.push((2 * Math.hypot(this.#real, this.#imaginary)) / this.#pieceSamples);
      this.#real = this.#imaginary = this.#inPiece = 0;
    }
  }

  report(): ToneReport {
    const usual = median(this.#loudness);
    const turns = this.#phases.slice(1).map((phase, at) => turn(phase - (this.#phases[at] ?? 0)));
    // Where it is louder than a gap: the phase of noise says nothing of the tone.
    const heard = turns.filter((_, at) => (this.#loudness[at + 1] ?? 0) > GAP_LIMIT * usual);
    let [places, wasEven] = [0, true];
    for (const [at, loudness] of this.#loudness.entries()) {
      const jump = at < 2 ? 0 : Math.abs(turn((turns[at - 1] ?? 0) - (turns[at - 2] ?? 0)));
      const isEven = jump < PHASE_LIMIT_RAD && loudness > LOUDNESS_LIMIT * usual;
      if (wasEven && !isEven) places += 1;
      wasEven = isEven;
    }
    const sineStep = usual * 2 * Math.sin((Math.PI * this.#hz) / this.#rateHz);
    return {
      seconds: this.seconds,
      hz: this.#hzOf(heard),
      oddestHz: this.#oddestHz(heard),
      amplitude: usual,
      gapMs: PIECE_MS * this.#loudness.filter((each) => each < GAP_LIMIT * usual).length,
      unevenPlaces: places,
      largestStep: sineStep > 0 ? this.#largestStep / sineStep : 0,
    };
  }

  #hzOf(turns: readonly number[]): number {
    const mean = turns.reduce((sum, each) => sum + each, 0) / Math.max(1, turns.length);
    return this.#hz + (mean * 1000) / (2 * Math.PI * PIECE_MS);
  }

  #oddestHz(turns: readonly number[]): number {
    let oddest = this.#hz;
    for (let from = 0; from + ODDEST_PIECES <= turns.length; from += ODDEST_PIECES) {
      const hz = this.#hzOf(turns.slice(from, from + ODDEST_PIECES));
      if (Math.abs(hz - this.#hz) > Math.abs(oddest - this.#hz)) oddest = hz;
    }
    return oddest;
  }
}

/** An angle between minus and plus half a turn. */
function turn(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}
