import type { AckMessage, VideoMessage } from '../../protocol/media.ts';
import type { TrackStats } from '../../protocol/stats.ts';
import type { ClockMatch } from './clock-match.ts';
import { errorText } from './encoder-error.ts';
import { type RingReader, videoFrameOf } from './frame-source.ts';
import { LastFramePolicy } from './last-frame.ts';
import { NewestFrame } from './newest-frame.ts';
import type { PageLog } from './page-log.ts';
import type { SenderMedia } from './sender-media.ts';
import type { PictureArrival } from './shared/stage-times.ts';
import { Spread } from './spread.ts';

/** Hand-over figures are of the last seconds: long enough for a 99th percentile at 30 fps. */
const HAND_OVER_WINDOW_MS = 5000;

export interface FeedContext {
  media: SenderMedia;
  ring: RingReader | undefined;
  clock: ClockMatch;
  log: PageLog;
  nowMs: () => number;
  ack: (ack: AckMessage) => void;
  /** Pictures wait for the sound that was yielded with them. */
  lipSync: () => boolean;
}

interface Outgoing {
  frame: VideoFrame;
  /** When the model handed it to the socket, by the capture clock; null for the last picture again. */
  sentUs: number | null;
  close(): void;
}

/** One video track, from the host's messages to the media behind it; keeps the last picture. */
export class VideoFeed {
  readonly kind = 'video';
  readonly #context: FeedContext;
  readonly #name: string;
  readonly #newest: NewestFrame<Outgoing>;
  readonly #policy = new LastFramePolicy();
  readonly #handOver = new Spread(HAND_OVER_WINDOW_MS);
  #last: { frame: VideoFrame; writtenMs: number; timestampUs: number } | undefined;
  #received = 0;
  #written = 0;
  #repeated = 0;
  #failed = 0;
  #statsAt: { ms: number; received: number } | undefined;
  /** Raised with each model process: what an old one's slow read brings is not shown any more. */
  #era = 0;
  readonly #holdMs: () => number;
  /** When the newest of the held pictures leaves: none overtakes another. */
  #leaveMs = 0;

  /** @param holdMs how long a picture that comes now waits */
  constructor(name: string, context: FeedContext, holdMs: () => number) {
    this.#name = name;
    this.#context = context;
    this.#holdMs = holdMs;
    this.#newest = new NewestFrame((outgoing) => this.#write(outgoing));
  }

  /** A new model process is there. The last picture stays until the first new one. */
  restart(): void {
    this.#era += 1;
    this.#newest.clear();
    this.#handOver.clear();
  }

  close(): void {
    this.restart();
    this.#last?.frame.close();
    this.#last = undefined;
    this.#policy.clear();
  }

  async receive(message: VideoMessage, payload: Uint8Array): Promise<void> {
    const { log, ack, ring } = this.#context;
    const era = this.#era;
    this.#received += 1;
    let frame: VideoFrame | undefined;
    try {
      frame = await videoFrameOf(message, payload, ring);
    } catch (error) {
      this.#failed += 1;
      log.warn(`${this.#name}: a picture was lost: ${errorText(error)}`);
    }
    // Of an old process: its credit died with it, and its numbers mean others now.
    if (era !== this.#era) {
      frame?.close();
      return;
    }
    ack({ type: 'ack', track: this.#name, seq: message.seq });
    if (frame) this.#hold(frame, message.sent_us);
  }

  viewerConnected(): void {
    this.#policy.viewerConnected(this.#context.nowMs());
  }

  /** Called often: writes the last picture again where it is due. */
  tick(viewers: number): void {
    const nowMs = this.#context.nowMs();
    const last = this.#last;
    if (!last || !this.#policy.due(nowMs, viewers)) return;
    // The capture clock goes on while the model is idle: constant stamps raise the viewer's jitter buffer (ENGINE-NOTES).
    const timestamp = Math.round(last.timestampUs + (nowMs - last.writtenMs) * 1000);
    this.#repeated += 1;
    this.#offer(new VideoFrame(last.frame, { timestamp }), null);
  }

  stats(nowMs: number): TrackStats {
    const since = this.#statsAt;
    this.#statsAt = { ms: nowMs, received: this.#received };
    const seconds = since ? (nowMs - since.ms) / 1000 : 0;
    return {
      name: this.#name,
      kind: 'video',
      received: this.#received,
      written: this.#written,
      dropped: this.#newest.dropped + this.#failed,
      failed: this.#failed,
      repeated: this.#repeated,
      width: this.#last?.frame.displayWidth ?? null,
      height: this.#last?.frame.displayHeight ?? null,
      fps: since && seconds > 0 ? (this.#received - since.received) / seconds : null,
      hand_over_ms: this.#handOver.read(nowMs),
      buffered_ms: null,
    };
  }

  #hold(frame: VideoFrame, sentUs: number): void {
    const nowMs = this.#context.nowMs();
    this.#leaveMs = Math.max(this.#leaveMs, nowMs + this.#holdMs());
    if (this.#leaveMs <= nowMs) {
      this.#show(frame, sentUs);
      return;
    }
    const era = this.#era;
    setTimeout(() => {
      if (era === this.#era) this.#show(frame, sentUs);
      else frame.close();
    }, this.#leaveMs - nowMs);
  }

  #show(frame: VideoFrame, sentUs: number): void {
    this.#last?.frame.close();
    this.#last = { frame: frame.clone(), writtenMs: this.#context.nowMs(), timestampUs: frame.timestamp };
    this.#policy.written(this.#context.nowMs());
    this.#offer(frame, sentUs);
  }

  #offer(frame: VideoFrame, sentUs: number | null): void {
    this.#newest.offer({ frame, sentUs, close: () => frame.close() });
  }

  async #write({ frame, sentUs }: Outgoing): Promise<void> {
    const { clock, log, media, nowMs } = this.#context;
    let arrival: PictureArrival | undefined;
    if (sentUs !== null) {
      const { offsetUs } = clock;
      const handedMs = nowMs();
      const convertMs = (sentUs - frame.timestamp) / 1000;
      const handOverMs = offsetUs === null ? null : handedMs + (offsetUs - sentUs) / 1000;
      if (handOverMs !== null) this.#handOver.add(handedMs, convertMs + handOverMs);
      arrival = { convertMs, handOverMs, leftPageMs: performance.timeOrigin + handedMs };
    }
    try {
      await media.writeVideo(this.#name, frame, arrival);
      this.#written += 1;
    } catch (error) {
      frame.close();
      this.#failed += 1;
      log.warn(`${this.#name}: a picture could not be written: ${errorText(error)}`);
    }
  }
}
