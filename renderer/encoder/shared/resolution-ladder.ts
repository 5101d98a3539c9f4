import type { VideoCodec } from '../../../protocol/hello.ts';

/** Steps of the source's size, as Chromium's own adaptation takes them: 720p, 540p, 360p, 270p, 180p. */
export const STEPS = [1, 3 / 4, 1 / 2, 3 / 8, 1 / 4] as const;

/**
 * Fewer bits a sample than this look worse at full size than a smaller picture does enlarged. 720p30 needs 1.1 Mbps with
 * H.264 and VP8, 0.83 with VP9, 0.7 with AV1 (software, realtime).
 */
const LEAST_BITS_PER_SAMPLE: Record<VideoCodec, number> = {
  h264: 0.04,
  vp8: 0.04,
  vp9: 0.03,
  av1: 0.025,
  h265: 0.03,
};

/** Up again only with this much to spare, or the size would change to and fro. */
const SPARE_TO_RISE = 2.2;
/** With so much the key frame of a larger picture is no burden either. */
const PLENTY = 3;
/** ... for so long. */
const RISE_AFTER_MS = 1500;
/** A step that has a little more samples than there is time for will do. */
const SAMPLES_TOLERANCE = 1.1;
/**
 * A picture of so few samples is not made smaller for want of time: what it takes is hardly the encoder's, and a machine
 * that stumbles over it will stumble over a smaller one.
 */
const LEAST_SAMPLES_BY_LOAD = 480 * 270;
/** A picture is not made lower than this, whatever the rate: Chromium's own limit is 180 lines. */
const LEAST_SIDE = 90;

export interface Size {
  width: number;
  height: number;
}

/** Which part of the source's size a rung is encoded at: down at once with the rate, up again with hysteresis. */
export class ResolutionLadder {
  readonly #codec: VideoCodec;
  #step = 0;
  #roomSinceMs: number | undefined;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  /**
   * The size to encode a source at.
   *
   * @param sizeScale the share of the source's samples that this machine has time for
   */
  update(source: Size, fps: number, rateBps: number, nowMs: number, sizeScale = 1): Size {
    const samples = Math.max(
      LEAST_SAMPLES_BY_LOAD,
      sizeScale * SAMPLES_TOLERANCE * source.width * source.height,
    );
    const fits = (step: number, spare: number) => {
      const size = scaled(source, step);
      return rateBps >= spare * neededBps(this.#codec, size, fps) && size.width * size.height <= samples;
    };
    while (this.#step < STEPS.length - 1 && !fits(this.#step, 1) && allowed(source, this.#step + 1)) {
      this.#step += 1;
      this.#roomSinceMs = undefined;
    }
    if (this.#step > 0 && fits(this.#step - 1, SPARE_TO_RISE)) {
      this.#roomSinceMs ??= nowMs;
      if (nowMs - this.#roomSinceMs >= RISE_AFTER_MS) {
        this.#step -= 1;
        // Every step is a key frame: where there is plenty of room, all at once.
        while (this.#step > 0 && fits(this.#step - 1, PLENTY)) this.#step -= 1;
        this.#roomSinceMs = nowMs;
      }
    } else {
      this.#roomSinceMs = undefined;
    }
    // Another source may have come meanwhile, for which this step is too small.
    while (this.#step > 0 && !allowed(source, this.#step)) this.#step -= 1;
    return scaled(source, this.#step);
  }
}

/** The least bits per second that pictures of this size and rate look well with. */
export function neededBps(codec: VideoCodec, { width, height }: Size, fps: number): number {
  return LEAST_BITS_PER_SAMPLE[codec] * width * height * fps;
}

function allowed(source: Size, step: number): boolean {
  const { width, height } = scaled(source, step);
  return Math.min(width, height) >= LEAST_SIDE;
}

function scaled(source: Size, step: number): Size {
  return partOf(source, STEPS[step] ?? 1);
}

/** Smaller sizes are even, for 4:2:0 chroma; the source's own is left as it is. */
export function partOf({ width, height }: Size, factor: number): Size {
  if (factor === 1) return { width, height };
  return { width: evenPart(width * factor), height: evenPart(height * factor) };
}

function evenPart(value: number): number {
  return Math.max(2, 2 * Math.round(value / 2));
}
