import type { AudioMessage } from '../../protocol/media.ts';
import type { TrackStats } from '../../protocol/stats.ts';
import { AudioBuffer } from './audio-buffer.ts';
import { errorText } from './encoder-error.ts';
import { PIECE_MS, PIECE_SAMPLES, SAMPLE_RATE_HZ, type SoundPiece } from './sound-piece.ts';
import type { FeedContext } from './video-feed.ts';

/** Pieces that the generator has not taken yet: a second. It takes each at once unless the renderer is in trouble. */
const MAX_PENDING_PIECES = 100;
/** A timer later than this means that the page was busy, and that sound has come meanwhile which nobody has read yet. */
const LATE_MS = 15;
/** Long enough for the messages that wait to be handled first; without it, silence is filled in for sound that is there. */
const READ_FIRST_MS = 4;

/** One audio track, from the host's messages to the media behind it, in even pieces of 10 ms. */
export class AudioFeed {
  readonly kind = 'audio';
  readonly #context: FeedContext;
  readonly #name: string;
  readonly #channels: 1 | 2;
  readonly #buffer: AudioBuffer;
  #received = 0;
  #writtenMs = 0;
  #lostMs = 0;
  #pending = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, channels: 1 | 2, context: FeedContext) {
    this.#name = name;
    this.#channels = channels;
    this.#context = context;
    this.#buffer = new AudioBuffer(channels);
  }

  get channels(): 1 | 2 {
    return this.#channels;
  }

  restart(): void {
    this.#buffer.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#schedule();
  }

  close(): void {
    this.#buffer.listen(this.#context.nowMs(), false);
    this.restart();
  }

  receive(message: AudioMessage, payload: Uint8Array): void {
    this.#received += 1;
    const samples = withChannels(int16(payload), message.channels, this.#channels);
    const { nowMs, clock } = this.#context;
    const { seq, capture_us: captureUs } = message;
    const dueMs = clock.offsetUs === null ? null : (captureUs - clock.offsetUs) / 1000;
    this.#buffer.push(nowMs(), { seq, captureUs, dueMs, samples });
    this.#schedule();
  }

  /** What has come is not to be heard any more. */
  flush(): void {
    const ackSeq = this.#buffer.flush();
    if (ackSeq !== null) this.#context.ack({ type: 'ack', track: this.#name, seq: ackSeq });
  }

  /** What sound has waited here lately; null while the model gives none or nobody listens. */
  get heardAfterMs(): number | null {
    return this.#buffer.heardAfterMs;
  }

  viewerConnected(): void {
    this.tick(1);
  }

  /** Called often: while somebody listens there is always something to send. */
  tick(viewers: number): void {
    this.#buffer.listen(this.#context.nowMs(), viewers > 0);
    this.#schedule();
  }

  stats(): TrackStats {
    return {
      name: this.#name,
      kind: 'audio',
      received: this.#received,
      written: Math.round(this.#writtenMs),
      dropped: Math.round(this.#buffer.droppedMs + this.#lostMs),
      repeated: 0,
      width: null,
      height: null,
      fps: null,
      hand_over_ms: null,
      buffered_ms: this.#buffer.bufferedMs,
    };
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const { dueMs } = this.#buffer;
    if (dueMs === null) return;
    const play = () => {
      if (this.#context.nowMs() - dueMs > LATE_MS)
        this.#timer = setTimeout(() => this.#play(), READ_FIRST_MS);
      else this.#play();
    };
    this.#timer = setTimeout(play, Math.max(0, dueMs - this.#context.nowMs()));
  }

  #play(): void {
    this.#timer = undefined;
    const { pieces, ackSeq } = this.#buffer.pull(this.#context.nowMs());
    for (const piece of pieces) void this.#write(piece);
    if (ackSeq !== null) this.#context.ack({ type: 'ack', track: this.#name, seq: ackSeq });
    this.#schedule();
  }

  async #write({ timestampUs, planes }: SoundPiece): Promise<void> {
    const { log, media } = this.#context;
    if (this.#pending >= MAX_PENDING_PIECES) {
      this.#lostMs += PIECE_MS;
      log.warn(`${this.#name}: sound was lost: the generator takes none`);
      return;
    }
    this.#pending += 1;
    try {
      const sound = new AudioData({
        format: 'f32-planar',
        sampleRate: SAMPLE_RATE_HZ,
        numberOfChannels: this.#channels,
        numberOfFrames: PIECE_SAMPLES,
        timestamp: timestampUs,
        data: planes,
      });
      await media.writeAudio(this.#name, sound);
      this.#writtenMs += PIECE_MS;
    } catch (error) {
      this.#lostMs += PIECE_MS;
      log.warn(`${this.#name}: sound could not be written: ${errorText(error)}`);
    } finally {
      this.#pending -= 1;
    }
  }
}

/** Little-endian on the wire, as in every engine that runs this. Copied: the payload's offset may be odd. */
function int16(payload: Uint8Array): Int16Array {
  return new Int16Array(payload.slice().buffer, 0, payload.byteLength >> 1);
}

/** The track's channel count is fixed when viewers connect; a model may still yield mono on a stereo track. */
function withChannels(samples: Int16Array, from: 1 | 2, to: 1 | 2): Int16Array {
  if (from === to) return samples;
  if (from === 1) {
    const both = new Int16Array(samples.length * 2);
    for (let at = 0; at < samples.length; at += 1) both.fill(samples[at] ?? 0, 2 * at, 2 * at + 2);
    return both;
  }
  return Int16Array.from({ length: samples.length >> 1 }, (_, at) =>
    Math.round(((samples[2 * at] ?? 0) + (samples[2 * at + 1] ?? 0)) / 2),
  );
}
