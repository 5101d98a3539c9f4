import type { SharingStats } from '../../../protocol/stats.ts';
import { COLOUR } from '../frame-source.ts';
import { Spread } from '../spread.ts';
import type { EncodedUnit } from './shared-encoder.ts';
import { StandInMatcher } from './stand-in-matcher.ts';

/** Side of the stand-in pictures, in samples: the smallest that every codec takes. */
export const STAND_IN_SIDE = 16;
/** Two pictures within a millisecond are one for WebRTC, which then drops the second. */
const LEAST_STEP_US = 1000;

const WAIT_WINDOW_MS = 5000;
/** How long after a fall of the link its waits say nothing of the machine. */
const RECOVERY_MS = 3000;
/** ... and after a viewer has come: a new sender is slow at first, and each picture may be encoded twice (opening-rate.ts). */
const START_MS = 1500;

interface EncodedStandIn {
  readonly key: boolean;
  readonly frame: RTCEncodedVideoFrame;
}

/**
 * One viewer's sender, in the worker: writes stand-in pictures into its track and puts the shared encoder's access units
 * into what its encoder makes of them. While not sharing, everything passes as it is.
 */
export class ViewerSender {
  readonly #writer: WritableStreamDefaultWriter<VideoFrame>;
  readonly #nowMs: () => number;
  readonly #onKeyFrameNeeded: () => void;
  #out: WritableStreamDefaultWriter<RTCEncodedVideoFrame> | undefined;
  #matcher: StandInMatcher<EncodedUnit, EncodedStandIn> | undefined;
  /** Stand-ins that may still come out of the encoder though nobody waits for them any more. */
  #strays = 0;
  readonly #waits = new Spread(WAIT_WINDOW_MS);
  #waited = { ms: 0, count: 0 };
  #lastStampUs = Number.NEGATIVE_INFINITY;
  #shade = 0;
  #held = false;
  #strainedUntilMs = 0;

  constructor(standIns: WritableStream<VideoFrame>, nowMs: () => number, onKeyFrameNeeded: () => void) {
    this.#writer = standIns.getWriter();
    this.#nowMs = nowMs;
    this.#onKeyFrameNeeded = onKeyFrameNeeded;
  }

  /** None while it is not sharing. */
  stats(rung: number | null): SharingStats[] {
    if (!this.#matcher) return [];
    const { counts, queues } = this.#matcher;
    return [
      {
        rung,
        sent: counts.sent,
        skipped: counts.skipped,
        stand_ins_lost: counts.standInsLost,
        stand_ins_late: counts.standInsLate,
        restarts: counts.restarts,
        key_frames_asked: counts.keyFramesAsked,
        waiting: { ...queues },
        wait_ms: this.#waits.read(this.#nowMs()),
      },
    ];
  }

  /** How long access units waited since this was last asked, all together. */
  takeWaited(): { ms: number; count: number } {
    const waited = this.#waited;
    this.#waited = { ms: 0, count: 0 };
    return waited;
  }

  /** The streams of the sender's transform. */
  async transform(
    readable: ReadableStream<RTCEncodedVideoFrame>,
    writable: WritableStream<RTCEncodedVideoFrame>,
  ): Promise<void> {
    const out = writable.getWriter();
    this.#out = out;
    const reader = readable.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.#onEncoded(value);
      }
    } catch {
      // The connection is gone.
    } finally {
      this.close();
    }
  }

  share(): void {
    this.#strainedUntilMs = Math.max(this.#strainedUntilMs, this.#nowMs() + START_MS);
    this.#matcher ??= new StandInMatcher<EncodedUnit, EncodedStandIn>({
      writeStandIn: (unit) => this.#writeStandIn(unit.timestampUs),
      send: ({ frame }, unit) => {
        // A copy: the frame takes the buffer with it when it leaves, and other viewers need the same bytes.
        frame.data = unit.data.slice(0);
        const ms = this.#nowMs() - unit.madeMs;
        this.#waits.add(this.#nowMs(), ms);
        if (unit.stages) unit.stages.send_ms = ms;
        if (this.#nowMs() >= this.#strainedUntilMs) {
          this.#waited.ms += ms;
          this.#waited.count += 1;
        }
        this.#send(frame);
      },
      needKeyFrame: () => this.#onKeyFrameNeeded(),
    });
  }

  pass(): void {
    this.#strays += this.#matcher?.queues.written ?? 0;
    this.#matcher?.close();
    this.#matcher = undefined;
  }

  /** Access units are given up, for a while. */
  hold(): void {
    this.#held = true;
    this.#strainedUntilMs = Number.POSITIVE_INFINITY;
    this.#matcher?.startAgain();
  }

  resume(): void {
    this.#held = false;
    this.#strainedUntilMs = this.#nowMs() + RECOVERY_MS;
  }

  onUnit(unit: EncodedUnit): void {
    if (this.#held) return;
    this.#matcher?.onUnit(unit, this.#nowMs());
  }

  tick(): void {
    this.#matcher?.onTick(this.#nowMs());
  }

  close(): void {
    this.#matcher?.close();
    this.#matcher = undefined;
    this.#writer.close().catch(() => {});
  }

  #onEncoded(frame: RTCEncodedVideoFrame): void {
    const { width, height } = frame.getMetadata() as { width?: number; height?: number };
    const standIn = width === STAND_IN_SIDE && height === STAND_IN_SIDE;
    if (this.#matcher && standIn)
      this.#matcher.onStandIn({ key: frame.type === 'key', frame }, this.#nowMs());
    else if (standIn && this.#strays > 0) this.#strays -= 1;
    else this.#send(frame);
  }

  #send(frame: RTCEncodedVideoFrame): void {
    this.#out?.write(frame).catch(() => {});
  }

  #writeStandIn(timestampUs: number): void {
    const stampUs = Math.max(timestampUs, this.#lastStampUs + LEAST_STEP_US);
    this.#lastStampUs = stampUs;
    // Barely changing: a flip of brightness made OpenH264 emit key frames by scene detection (ENGINE-NOTES).
    this.#shade = (this.#shade + 1) % 4;
    const planes = new Uint8Array((STAND_IN_SIDE * STAND_IN_SIDE * 3) / 2).fill(120 + this.#shade);
    const picture = new VideoFrame(planes, {
      format: 'I420',
      codedWidth: STAND_IN_SIDE,
      codedHeight: STAND_IN_SIDE,
      timestamp: stampUs,
      // Told to the viewer beside the bytes, which are those of a picture with these colours.
      colorSpace: COLOUR,
    });
    this.#writer.write(picture).catch(() => picture.close());
  }
}
