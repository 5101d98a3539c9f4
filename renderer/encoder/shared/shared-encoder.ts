import type { VideoCodec } from '../../../protocol/hello.ts';
import type { PictureStages, SharedEncoderStats } from '../../../protocol/stats.ts';
import { encoderName, FORBIDDEN, type Hardware, noHardwareFor } from '../hardware.ts';
import type { RateLimits } from '../track-limits.ts';
import { codecString, hasEvenSizesOnly, largestSize } from './encoder-config.ts';
import { isSupported } from './encoder-support.ts';
import { FrameRateLadder, LEAST_FPS } from './frame-rate-ladder.ts';
import { KeyFramePolicy } from './key-frame-policy.ts';
import { OpeningRate } from './opening-rate.ts';
import { RateFollow } from './rate-follow.ts';
import { neededBps, ResolutionLadder, type Size } from './resolution-ladder.ts';
import { type PictureArrival, StageTimes } from './stage-times.ts';
import type { AccessUnit } from './stand-in-matcher.ts';

/** An access unit, the same for all viewers of a rung. */
export interface EncodedUnit extends AccessUnit {
  readonly data: ArrayBuffer;
  /** Of the picture, on the capture clock. */
  readonly timestampUs: number;
  /** When the encoder had made it, by the worker's clock. */
  readonly madeMs: number;
  /** Filled in by those who send it; undefined for the last picture again. */
  readonly stages?: PictureStages;
}

/** What is given up where the rate is too low: the size of the pictures, or their rate. */
export type Content = 'motion' | 'detail';

export interface SharedEncoderOptions {
  track: string;
  codec: VideoCodec;
  limits: RateLimits;
  /** Declared by the track. */
  fps: number;
  content: Content;
  hardware: Hardware;
  /** Its first viewer is still to come; see OpeningRate. */
  isEarly: boolean;
  nowMs: () => number;
  onUnit: (unit: EncodedUnit) => void;
  /** It cannot go on: a codec or size that WebCodecs does not encode, or an encoder that broke. */
  onFailure: (reason: string) => void;
  /** It goes on, otherwise than the model's author expects. */
  onWarning: (message: string) => void;
}

/**
 * Constant for all, because of the key frames: libvpx aims at 25 times the mean picture for one in variable mode, at 4 times in
 * constant mode (measured with VP9 at 720p and 5 Mbps: 345 and 80 to 130 KB; docs/media.md). With VP8 variable mode also
 * drifted between 39 and 52 dB (ENGINE-NOTES).
 */
const BITRATE_MODE: VideoEncoderBitrateMode = 'constant';

/** An encoder may drop a picture, which no event tells: after so many times its usual duration it counts as dropped. */
const DROPPED_AFTER_TIMES = 4;
const DROPPED_AFTER_LEAST_MS = 70;
/** Until the first measurement: starting an encoder takes a while. */
const FIRST_ENCODE_MS = 250;
const MEASURE_EVERY_MS = 1000;

interface Submitted {
  timestampUs: number;
  atMs: number;
  key: boolean;
  arrival: PictureArrival | undefined;
}

interface Waiting {
  frame: VideoFrame;
  arrival: PictureArrival | undefined;
}

/** One VideoEncoder: one track, codec and rung. At most one picture waits before it, newest wins. */
export class SharedEncoder {
  readonly #options: SharedEncoderOptions;
  readonly #keyFrames = new KeyFramePolicy();
  readonly #rate: RateFollow;
  readonly #ladder: ResolutionLadder;
  readonly #frameRate: FrameRateLadder;
  readonly #times = new StageTimes();
  readonly #submitted: Submitted[] = [];
  #encoder: VideoEncoder | undefined;
  #waiting: Waiting | undefined;
  /** The size that was told to be too large. */
  #tooLarge: Size | undefined;
  #configured: (Size & { hardware: HardwareAcceleration }) | undefined;
  #probing = false;
  /** Why hardware is not used: at this size, or any more. */
  #noHardware: string | undefined;
  #hardwareFailed = false;
  #usualMs: number | undefined;
  readonly #opening: OpeningRate;
  /** The picture that it had last, to be encoded once more. */
  #last: VideoFrame | undefined;
  /** The timestamp that it had then: the next picture's is later. */
  #refinedUs = Number.NEGATIVE_INFINITY;
  /** What the encoder was last told. */
  #toldBps = 0;
  #closed = false;
  #window = { sinceMs: 0, bytes: 0, frames: 0 };
  #actualBps: number | null = null;
  #fps: number | null = null;
  #load = { offered: 0, skipped: 0 };
  /** May be less than the least rate: then at least the picture becomes smaller. */
  #allowedBps = Number.POSITIVE_INFINITY;
  #sizeScale = 1;
  #counts = { encoded: 0, skipped: 0, dropped: 0, keyFrames: 0, reconfigured: 0 };

  constructor(options: SharedEncoderOptions) {
    this.#options = options;
    this.#rate = new RateFollow(options.limits);
    this.#opening = new OpeningRate(options.limits, options.isEarly);
    this.#ladder = new ResolutionLadder(options.codec);
    this.#frameRate = new FrameRateLadder(options.fps);
  }

  /**
   * New pictures that it was given and that it skipped, less those of its opening: those say nothing of how it keeps up, nor do
   * repeats, which come as fast as may be.
   */
  get counts(): { offered: number; skipped: number } {
    return this.#load;
  }

  /** Somebody needs a key frame: the next picture is one, unless one has just been. */
  requestKeyFrame(): void {
    this.#keyFrames.request();
  }

  /** Nobody has been sent what it made so far: the next picture is a key frame, however soon the last one was. */
  oweKeyFrame(): void {
    this.#keyFrames.lost();
  }

  /** It was begun early, and from now on somebody is sent what it makes. */
  firstViewer(): void {
    this.#opening.firstViewer(this.#options.nowMs());
  }

  /**
   * @param allowedBps see RateFollow.update
   * @param sizeScale see ResolutionLadder.update
   */
  setAllowed(allowedBps: number | null, sizeScale = 1): void {
    this.#sizeScale = sizeScale;
    this.#allowedBps = allowedBps ?? Number.POSITIVE_INFINITY;
    const nowMs = this.#options.nowMs();
    this.#rate.update(allowedBps, nowMs);
    if (allowedBps !== null) this.#opening.update(allowedBps, nowMs);
    this.#followRate();
  }

  /** Takes a picture over. `arrival` is missing for the last picture again. */
  encode(frame: VideoFrame, arrival?: PictureArrival): void {
    const isTaken = this.#frameRate.takes(frame.timestamp) || this.#keyFrames.due(this.#options.nowMs());
    if (this.#closed || !isTaken) {
      frame.close();
      return;
    }
    if (arrival && !this.#isOpening()) this.#load.offered += 1;
    this.#expire();
    if (this.#waiting) this.#skip(this.#waiting);
    this.#waiting = { frame, arrival };
    this.#next();
  }

  /** To be called now and then: finds pictures that the encoder has dropped. */
  tick(): void {
    this.#expire();
    this.#next();
  }

  close(): void {
    this.#closed = true;
    this.#last?.close();
    this.#waiting?.frame.close();
    this.#waiting = undefined;
    if (this.#encoder && this.#encoder.state !== 'closed') this.#encoder.close();
  }

  stats(rung: number, viewers: number): SharedEncoderStats {
    const { track, codec } = this.#options;
    const nowMs = this.#options.nowMs();
    const pictures = this.#times.take(nowMs);
    const isHardware = this.#configured?.hardware === 'prefer-hardware';
    return {
      track,
      codec,
      rung,
      viewers,
      implementation: isHardware ? 'hardware' : 'software',
      encoder_name: encoderName(codec, isHardware, navigator.userAgent),
      ...(isHardware || this.#noHardware === undefined ? {} : { hardware_reason: this.#noHardware }),
      width: this.#configured?.width ?? null,
      height: this.#configured?.height ?? null,
      fps: this.#fps,
      target_bitrate_bps: this.#rate.setBps,
      bitrate_bps: this.#actualBps,
      ...this.#times.read(nowMs),
      pictures,
      encoded: this.#counts.encoded,
      skipped: this.#counts.skipped,
      dropped: this.#counts.dropped,
      key_frames: this.#counts.keyFrames,
      reconfigured: this.#counts.reconfigured,
    };
  }

  #next(): void {
    const waiting = this.#waiting;
    if (!waiting || this.#closed || this.#probing || this.#submitted.length > 0) return;
    this.#waiting = undefined;
    if (waiting.frame.timestamp <= this.#refinedUs) {
      const { frame } = waiting;
      waiting.frame = new VideoFrame(frame, { timestamp: this.#refinedUs + 1 });
      frame.close();
    }
    const size = this.#sizeOf(waiting.frame);
    if (this.#isConfigured(size)) this.#submit(waiting);
    else void this.#probe(size, waiting);
  }

  #isConfigured({ width, height }: Size): boolean {
    return this.#configured?.width === width && this.#configured.height === height;
  }

  #submit({ frame, arrival }: Waiting): void {
    const atMs = this.#options.nowMs();
    const key = this.#keyFrames.take(atMs);
    this.#submitted.push({ timestampUs: frame.timestamp, atMs, key, arrival });
    const picture = hasEvenSizesOnly(this.#options.codec) ? evenPicture(frame) : frame;
    try {
      this.#encoder?.encode(picture, { keyFrame: key });
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#last?.close();
      this.#last = undefined;
      if (arrival && this.#isRefining()) this.#last = frame;
      else frame.close();
      if (picture !== frame) picture.close();
    }
  }

  /**
   * Between two pictures there is time to encode the last one once more: the quantizers of libvpx and libaom come down by a
   * little with each picture.
   */
  #refine(): void {
    const { fps } = this.#options;
    const last = this.#last;
    if (!last || this.#waiting || this.#submitted.length > 0 || this.#closed) return;
    this.#last = undefined;
    if (this.#isRefining() && this.#isConfigured(this.#sizeOf(last))) {
      this.#refinedUs = last.timestamp + Math.round(500_000 / fps);
      const frame = new VideoFrame(last, { timestamp: this.#refinedUs });
      this.#submit({ frame, arrival: undefined });
    }
    last.close();
  }

  /** The size to encode a picture at. */
  #sizeOf(frame: VideoFrame): Size {
    const { codec, nowMs, onWarning, track } = this.#options;
    const { displayWidth: width, displayHeight: height } = frame;
    const source = hasEvenSizesOnly(codec)
      ? { width: evenUp(width), height: evenUp(height) }
      : { width, height };
    const most = largestSize(codec, source);
    if (most.width !== source.width && source.width !== this.#tooLarge?.width) {
      onWarning(
        `${track}: ${codec} is encoded at ${most.width}x${most.height}, it has no ${width}x${height}`,
      );
      this.#tooLarge = source;
    }
    return this.#fit(most, nowMs());
  }

  /** Sees to it that the rate is enough, by the size of the pictures or by their number. @returns the size to encode at */
  #fit(source: Size, nowMs: number): Size {
    const { codec, content, fps } = this.#options;
    const rateBps = Math.min(this.#rate.goalBps, this.#allowedBps);
    if (content === 'motion') return this.#ladder.update(source, fps, rateBps, nowMs, this.#sizeScale);
    const before = this.#frameRate.every;
    const every = this.#frameRate.update(neededBps(codec, source, fps), rateBps, nowMs, this.#sizeScale);
    if (every !== before) this.#reconfigure();
    return this.#ladder.update(source, Math.min(fps, LEAST_FPS), rateBps, nowMs);
  }

  /** Hardware first, where it is; then software. Pictures wait meanwhile, the newest of them. */
  async #probe(size: Size, picture: Waiting): Promise<void> {
    this.#probing = true;
    // A picture of another size is a key frame too.
    this.#opening.begin();
    let refusal = 'not supported';
    const { codec, nowMs } = this.#options;
    const isForbidden = this.#options.hardware === 'off';
    if (isForbidden) this.#noHardware = FORBIDDEN;
    const software = ['prefer-software'] as const;
    const kinds =
      isForbidden || this.#hardwareFailed ? software : (['prefer-hardware', ...software] as const);
    for (const hardware of kinds) {
      const config = this.#config(size, hardware);
      try {
        const isThere = await isSupported(config, nowMs());
        if (this.#closed) return;
        if (hardware === 'prefer-hardware')
          this.#noHardware = isThere ? undefined : noHardwareFor(codec, size.width, size.height);
        if (!isThere) continue;
        this.#start(config);
        if (this.#configured) this.#rate.forget();
        this.#configured = { ...size, hardware };
        this.#keyFrames.lost();
        break;
      } catch (error) {
        refusal = text(error);
        if (hardware === 'prefer-hardware') this.#noHardware = refusal;
      }
    }
    this.#probing = false;
    if (this.#closed || !this.#isConfigured(size)) {
      picture.frame.close();
      this.#fail(`${this.#config(size, 'no-preference').codec} at ${size.width}x${size.height}: ${refusal}`);
      return;
    }
    const newer = this.#waiting;
    // Of another size it may come next: where each picture has another, one at least is encoded for each question.
    if (!newer || !sameSize(newer.frame, picture.frame)) {
      this.#submit(picture);
      return;
    }
    this.#skip(picture);
    this.#waiting = undefined;
    this.#submit(newer);
  }

  #skip({ frame, arrival }: Waiting): void {
    frame.close();
    this.#counts.skipped += 1;
    if (arrival && !this.#isOpening()) this.#load.skipped += 1;
  }

  #start(config: VideoEncoderConfig): void {
    if (!this.#encoder || this.#encoder.state === 'closed') {
      this.#encoder = new VideoEncoder({
        output: (chunk) => this.#onChunk(chunk),
        error: (error) => this.#fail(error),
      });
    }
    this.#encoder.configure(config);
    this.#toldBps = config.bitrate ?? 0;
    this.#counts.reconfigured += 1;
  }

  #config(size: Size, hardware: HardwareAcceleration): VideoEncoderConfig {
    const { codec, limits, fps } = this.#options;
    return {
      // By the highest rate: another level would be another encoder.
      codec: codecString(codec, { ...size, fps, bitrateBps: limits.maxBps }),
      ...size,
      bitrate: this.#bps(),
      framerate: fps / this.#frameRate.every,
      latencyMode: 'realtime',
      bitrateMode: BITRATE_MODE,
      hardwareAcceleration: hardware,
      ...(codec === 'h264' ? { avc: { format: 'annexb' } } : {}),
      ...(codec === 'h265' ? { hevc: { format: 'annexb' } } : {}),
    };
  }

  /** Each picture is encoded twice. */
  #isRefining(): boolean {
    return this.#opening.isRefining(this.#options.nowMs());
  }

  #isOpening(): boolean {
    return this.#opening.isOpen(this.#options.nowMs());
  }

  #bps(): number {
    return this.#opening.bps(this.#rate.setBps, this.#options.nowMs());
  }

  #followRate(): void {
    if (this.#bps() !== this.#toldBps) this.#reconfigure();
  }

  #reconfigure(): void {
    if (!this.#configured || this.#probing || this.#encoder?.state !== 'configured') return;
    const { hardware, ...size } = this.#configured;
    try {
      const config = this.#config(size, hardware);
      this.#encoder.configure(config);
      this.#toldBps = config.bitrate ?? 0;
      this.#counts.reconfigured += 1;
    } catch (error) {
      this.#fail(error);
    }
  }

  #onChunk(chunk: EncodedVideoChunk): void {
    if (this.#closed) return;
    const { nowMs, onUnit } = this.#options;
    const now = nowMs();
    const at = this.#submitted.findIndex(({ timestampUs }) => timestampUs === chunk.timestamp);
    const key = chunk.type === 'key';
    const made = { captureUs: chunk.timestamp, key, bytes: chunk.byteLength };
    let stages: PictureStages | undefined;
    // What came before it and is still here was dropped by the encoder.
    for (const each of this.#submitted.splice(0, at + 1)) {
      if (each.timestampUs !== chunk.timestamp) this.#onDropped(each);
      else {
        const ms = now - each.atMs;
        stages = this.#times.made(made, each.arrival, each.atMs, now);
        this.#usualMs = this.#usualMs === undefined ? ms : this.#usualMs + (ms - this.#usualMs) * 0.1;
      }
    }
    this.#counts.encoded += 1;
    if (key) {
      this.#counts.keyFrames += 1;
      this.#keyFrames.made(chunk.byteLength, this.#rate.goalBps, now);
    }
    this.#measure(chunk.byteLength, now);
    const data = new ArrayBuffer(chunk.byteLength);
    chunk.copyTo(data);
    onUnit({ key, data, timestampUs: chunk.timestamp, madeMs: now, ...(stages ? { stages } : {}) });
    this.#opening.made(chunk.byteLength, now);
    this.#followRate();
    this.#next();
    this.#refine();
  }

  #measure(bytes: number, now: number): void {
    this.#window.bytes += bytes;
    this.#window.frames += 1;
    // What it makes of more than its rate says nothing about how it keeps to it.
    if (this.#isRefining()) this.#window = { sinceMs: now, bytes: 0, frames: 0 };
    const ms = now - this.#window.sinceMs;
    if (ms < MEASURE_EVERY_MS) return;
    // The first window, and one with a pause in it, say nothing.
    if (ms < 2 * MEASURE_EVERY_MS) {
      this.#actualBps = (this.#window.bytes * 8 * 1000) / ms;
      this.#fps = (this.#window.frames * 1000) / ms;
      this.#rate.measured(this.#actualBps);
    }
    this.#window = { sinceMs: now, bytes: 0, frames: 0 };
  }

  #expire(): void {
    const limitMs = Math.max(
      DROPPED_AFTER_LEAST_MS,
      DROPPED_AFTER_TIMES * (this.#usualMs ?? FIRST_ENCODE_MS),
    );
    const nowMs = this.#options.nowMs();
    for (;;) {
      const first = this.#submitted[0];
      if (!first || nowMs - first.atMs <= limitMs) return;
      this.#submitted.shift();
      this.#onDropped(first);
      // Were it only slow, waiting longer is right.
      this.#usualMs = (this.#usualMs ?? FIRST_ENCODE_MS) * 1.5;
    }
  }

  #onDropped({ key }: Submitted): void {
    this.#counts.dropped += 1;
    if (key) this.#keyFrames.lost();
  }

  #fail(reason: unknown): void {
    if (this.#closed) return;
    if (this.#configured?.hardware === 'prefer-hardware') {
      this.#goOnInSoftware(text(reason));
      return;
    }
    this.close();
    this.#options.onFailure(text(reason));
  }

  /** A device may be taken away, or hold fewer encoders than are asked for; the next picture begins anew, with a key frame. */
  #goOnInSoftware(reason: string): void {
    this.#hardwareFailed = true;
    this.#noHardware = `the hardware encoder failed: ${reason}`;
    if (this.#encoder && this.#encoder.state !== 'closed') this.#encoder.close();
    this.#encoder = undefined;
    this.#configured = undefined;
    this.#submitted.length = 0;
    this.#keyFrames.lost();
    this.#next();
  }
}

function text(reason: unknown): string {
  return reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
}

function sameSize(one: VideoFrame, other: VideoFrame): boolean {
  return one.displayWidth === other.displayWidth && one.displayHeight === other.displayHeight;
}

/** A picture with the padding of its odd sides, which repeats their last column and row (python-host/reactor_host/frames.py). */
function evenPicture(frame: VideoFrame): VideoFrame {
  const [width, height] = [evenUp(frame.displayWidth), evenUp(frame.displayHeight)];
  const isEven = width === frame.displayWidth && height === frame.displayHeight;
  if (isEven || frame.codedWidth < width || frame.codedHeight < height) return frame;
  return new VideoFrame(frame, { visibleRect: { x: 0, y: 0, width, height }, timestamp: frame.timestamp });
}

function evenUp(side: number): number {
  return side + (side % 2);
}
