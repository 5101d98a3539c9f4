/** Samples on each side of the one that is interpolated: a third of a millisecond. */
const HALF_TAPS = 16;
const TAPS = 2 * HALF_TAPS;
/** Between two of these, coefficients are interpolated: 16 bits are exact then. */
const PHASES = 512;
/** Of the Kaiser window: 80 dB of stop band. */
const KAISER_BETA = 8;
/** A piece, what is taken ahead for it and the kernel around it, with room to spare. */
const CAPACITY_SAMPLES = 4096;

/**
 * Plays a little faster or slower than its samples say, by windowed-sinc interpolation whose ratio may change with
 * every call. Libraries resample between two fixed rates or want a worker; this is one loop, and exact (a copy) where
 * the ratio is 1 and always was.
 */
export class DriftResampler {
  readonly #channels: number;
  readonly #work: Float32Array[];
  #filled = HALF_TAPS;
  /** Where the next sample is read: from `HALF_TAPS` on. */
  #at = HALF_TAPS;

  constructor(channels: number) {
    this.#channels = channels;
    this.#work = Array.from({ length: channels }, () => new Float32Array(CAPACITY_SAMPLES));
  }

  /** Given and not read yet. */
  get unreadSamples(): number {
    return Math.max(0, this.#filled - Math.floor(this.#at));
  }

  /** How many more it must be given before so many can be read. */
  missingSamples(count: number, ratio: number): number {
    const last = Math.floor(this.#at + (count - 1) * ratio);
    return Math.max(0, last + HALF_TAPS + 1 - this.#filled);
  }

  /** @param samples interleaved; a channel's are `(to - from) / channels` */
  give(samples: Int16Array, from: number, to: number): void {
    const channels = this.#channels;
    const count = (to - from) / channels;
    for (const [channel, work] of this.#work.entries()) {
      for (let at = 0; at < count; at += 1) {
        work[this.#filled + at] = (samples[from + at * channels + channel] ?? 0) / 32_768;
      }
    }
    this.#filled += count;
  }

  giveSilence(count: number): void {
    for (const work of this.#work) work.fill(0, this.#filled, this.#filled + count);
    this.#filled += count;
  }

  /**
   * Writes so many samples of each channel, one channel after the other, each `planeSamples` long. What the kernel sees
   * behind the last sample given is silence.
   *
   * @param ratio samples taken for one that is written
   */
  read(planes: Float32Array, planeSamples: number, count: number, ratio: number): void {
    const missing = this.missingSamples(count, ratio);
    for (const [channel, work] of this.#work.entries()) {
      work.fill(0, this.#filled, this.#filled + missing);
      for (let index = 0; index < count; index += 1) {
        planes[channel * planeSamples + index] = interpolate(work, this.#at + index * ratio);
      }
    }
    this.#at += count * ratio;
    this.#forget();
  }

  reset(): void {
    for (const work of this.#work) work.fill(0, 0, HALF_TAPS);
    this.#filled = this.#at = HALF_TAPS;
  }

  /** Keeps what the kernel still needs. */
  #forget(): void {
    const gone = Math.min(Math.floor(this.#at), this.#filled) - HALF_TAPS;
    if (gone <= 0) return;
    for (const work of this.#work) work.copyWithin(0, gone, this.#filled);
    this.#filled -= gone;
    this.#at -= gone;
  }
}

function interpolate(work: Float32Array, position: number): number {
  const whole = Math.floor(position);
  const phase = (position - whole) * PHASES;
  if (phase === 0) return work[whole] ?? 0;
  const row = Math.floor(phase);
  const share = phase - row;
  const [from, next] = [row * TAPS, (row + 1) * TAPS];
  let sum = 0;
  for (let tap = 0; tap < TAPS; tap += 1) {
    const here = KERNEL[from + tap] ?? 0;
    const coefficient = here + share * ((KERNEL[next + tap] ?? 0) - here);
    sum += coefficient * (work[whole - HALF_TAPS + 1 + tap] ?? 0);
  }
  return sum;
}

/** A row of taps for each phase, and one more for interpolation. */
const KERNEL = makeKernel();

function makeKernel(): Float64Array {
  const kernel = new Float64Array((PHASES + 1) * TAPS);
  for (let row = 0; row <= PHASES; row += 1) {
    for (let tap = 0; tap < TAPS; tap += 1) {
      const x = tap - (HALF_TAPS - 1) - row / PHASES;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      const inside = Math.max(0, 1 - (x / HALF_TAPS) ** 2);
      kernel[row * TAPS + tap] = (sinc * bessel0(KAISER_BETA * Math.sqrt(inside))) / bessel0(KAISER_BETA);
    }
  }
  return kernel;
}

/** Modified Bessel function of the first kind, order zero, by its series. */
function bessel0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-12 * sum; k += 1) {
    term *= (x / 2 / k) ** 2;
    sum += term;
  }
  return sum;
}
