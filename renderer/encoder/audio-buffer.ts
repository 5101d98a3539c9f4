/**
 * Sound between the model's pieces (33 ms, or a second at once) and the even 10 ms that WebRTC wants: the viewer's jitter
 * buffer is 25 to 40 ms for even pieces and 486 ms for bursts of one second (ENGINE-NOTES, "Audio through a generator").
 *
 * When it runs dry, silence is filled in and counted; what comes late is played after it, so that the buffer is deeper by
 * exactly what was missing. What is too deep for long is shortened again, first where it is quiet, else by crossfades of
 * one piece at a time, and counted too. The depth is bounded by credit (`AUDIO_WINDOW_US`), sound is never thrown away in one go.
 *
 * @packageDocumentation
 */

export const SAMPLE_RATE_HZ = 48_000;
export const PIECE_MS = 10;
export const PIECE_SAMPLES = (SAMPLE_RATE_HZ * PIECE_MS) / 1000;

/** What a first piece waits: covers the few milliseconds by which a loaded machine's timers and sockets are late. */
const MIN_TARGET_MS = 30;
/** A step's time varies by a tenth and more; a burst is as long as a step. At a tenth, 0.5 s bursts on two busy cores ran dry. */
const TARGET_SHARE_OF_BURST = 0.2;
/** ITU-R BT.1359-1: sound that is later than the picture is noticed from 125 ms on. With the viewer's 40 ms this stays near it. */
const MAX_TARGET_MS = 100;
/** Longer silence is the model's own pause: nothing is written then, and nothing counted. */
const IDLE_AFTER_MS = 1000;
/** A timer that is later than this (a machine that slept) does not send its backlog in one go. */
const MAX_CATCH_UP_MS = 500;

/** How long a standing excess is watched before it is called one: two bursts of the longest usual step. */
const EXCESS_WINDOW_MS = 5000;
/** Above the target for that long. Below, correcting does more harm than the delay. */
const EXCESS_MS = 60;
/** A cut of 10 ms in 500 is 2 %: above any drift of clocks, below what is noticed in most sound. */
const CUT_EVERY_MS = 500;
/** -54 dBFS: cutting here is not heard. */
const QUIET_PEAK = 0.002;
const FADE_SAMPLES = 240;

/** Sound as it came from the model. */
export interface SoundMessage {
  seq: number;
  /** When the first sample is due, by the model's clock. */
  captureUs: number;
  /** Interleaved. */
  samples: Int16Array;
}

/** 10 ms to be written. `planes` holds one channel after the other. */
export interface SoundPiece {
  timestampUs: number;
  planes: Float32Array<ArrayBuffer>;
}

export interface Pulled {
  pieces: SoundPiece[];
  /** Everything up to this message is played out; null where nothing new is. */
  ackSeq: number | null;
}

interface Queued {
  /** What to acknowledge once it is taken; null for a remainder whose message is acknowledged otherwise. */
  ack: number | null;
  captureUs: number;
  samples: Int16Array;
  /** Samples a channel already taken. */
  taken: number;
}

export class AudioBuffer {
  readonly #channels: 1 | 2;
  #queue: Queued[] = [];
  #queuedSamples = 0;
  /** When the next piece is due, by the caller's clock; undefined while idle. */
  #dueMs: number | undefined;
  #targetMs = MIN_TARGET_MS;
  /** Silence since it ran dry; it is only counted when sound comes back before it counts as a pause. */
  #dryMs = 0;
  #droppedMs = 0;
  #playedMs = 0;
  #lastTimestampUs = -1;
  #nextTimestampUs = 0;
  #fadeIn = true;
  #lowest: { atMs: number; ms: number }[] = [];
  #lastCutMs = Number.NEGATIVE_INFINITY;

  constructor(channels: 1 | 2) {
    this.#channels = channels;
  }

  /** Sound waiting to be played out. */
  get bufferedMs(): number {
    return (this.#queuedSamples * 1000) / SAMPLE_RATE_HZ;
  }

  /** Silence filled in and sound cut out, since the beginning. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** Sound handed out, silence not included. */
  get playedMs(): number {
    return this.#playedMs;
  }

  /** What a piece waits after a pause. Grows by what was missing, up to a limit. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /** When `pull` has something to do next, by the caller's clock; null while there is nothing to play. */
  get dueMs(): number | null {
    return this.#dueMs ?? null;
  }

  push(nowMs: number, message: SoundMessage): void {
    const samples = message.samples.length / this.#channels;
    const burstMs = (samples * 1000) / SAMPLE_RATE_HZ;
    this.#aim(burstMs * TARGET_SHARE_OF_BURST);
    if (this.#dueMs === undefined) {
      this.#dueMs = nowMs + this.#targetMs;
      this.#lowest = [];
    } else if (this.#dryMs > 0) {
      this.#aim(this.#targetMs + this.#dryMs);
      this.#droppedMs += this.#dryMs;
    } else {
      this.#noteLowest(nowMs);
    }
    this.#dryMs = 0;
    this.#queue.push({ ack: message.seq, captureUs: message.captureUs, samples: message.samples, taken: 0 });
    this.#queuedSamples += samples;
  }

  /** What is due by now. Called as near to `dueMs` as a timer can. */
  pull(nowMs: number): Pulled {
    const pulled: Pulled = { pieces: [], ackSeq: null };
    if (this.#dueMs !== undefined && nowMs - this.#dueMs > MAX_CATCH_UP_MS) this.#dueMs = nowMs;
    while (this.#dueMs !== undefined && this.#dueMs <= nowMs) {
      if (this.#queuedSamples === 0 && this.#dryMs >= IDLE_AFTER_MS) {
        this.#dueMs = undefined;
        this.#dryMs = 0;
        break;
      }
      this.#cutExcess(nowMs, pulled);
      pulled.pieces.push(this.#next(pulled));
      this.#dueMs += PIECE_MS;
    }
    return pulled;
  }

  /** Forgets everything: another model process begins. Returns the newest message's number for its acknowledgement. */
  clear(): number | null {
    const last = this.#queue.at(-1)?.ack ?? null;
    this.#queue = [];
    this.#queuedSamples = 0;
    this.#dueMs = undefined;
    this.#dryMs = 0;
    this.#fadeIn = true;
    this.#lastTimestampUs = -1;
    return last;
  }

  #aim(ms: number): void {
    this.#targetMs = Math.max(this.#targetMs, Math.min(MAX_TARGET_MS, ms));
  }

  #next(pulled: Pulled): SoundPiece {
    const planes = new Float32Array(PIECE_SAMPLES * this.#channels);
    const available = Math.min(PIECE_SAMPLES, this.#queuedSamples);
    const timestampUs = this.#stamp();
    this.#take(planes, available, pulled);
    if (available > 0 && this.#fadeIn) this.#fade(planes, 0, available, 'in');
    if (available < PIECE_SAMPLES) {
      // Sound that stops in the middle of a wave clicks.
      if (available > 0 && !this.#fadeIn) this.#fade(planes, 0, available, 'out');
      this.#dryMs += ((PIECE_SAMPLES - available) * 1000) / SAMPLE_RATE_HZ;
      this.#fadeIn = true;
    } else {
      this.#fadeIn = false;
    }
    this.#playedMs += (available * 1000) / SAMPLE_RATE_HZ;
    return { timestampUs, planes };
  }

  /** The stamp of the sound that is next, by the model's clock; silence goes on where sound ended. */
  #stamp(): number {
    const head = this.#queue[0];
    const wanted = head
      ? head.captureUs + Math.round((head.taken * 1_000_000) / SAMPLE_RATE_HZ)
      : this.#nextTimestampUs;
    const stamp = Math.max(wanted, this.#lastTimestampUs + 1);
    this.#lastTimestampUs = stamp;
    this.#nextTimestampUs = stamp + PIECE_MS * 1000;
    return stamp;
  }

  #take(planes: Float32Array, samples: number, pulled: Pulled): void {
    const channels = this.#channels;
    const planeSamples = planes.length / channels;
    let done = 0;
    while (done < samples) {
      const head = this.#queue[0];
      if (!head) break;
      const total = head.samples.length / channels;
      const count = Math.min(samples - done, total - head.taken);
      for (let channel = 0; channel < channels; channel += 1) {
        for (let at = 0; at < count; at += 1) {
          planes[channel * planeSamples + done + at] =
            (head.samples[(head.taken + at) * channels + channel] ?? 0) / 32_768;
        }
      }
      head.taken += count;
      done += count;
      this.#queuedSamples -= count;
      if (head.taken === total) {
        this.#queue.shift();
        pulled.ackSeq = head.ack ?? pulled.ackSeq;
      }
    }
  }

  /** The depth just before sound comes is what was there too much. */
  #noteLowest(nowMs: number): void {
    this.#lowest.push({ atMs: nowMs, ms: this.bufferedMs });
    while (this.#lowest.length > 1 && (this.#lowest[1]?.atMs ?? nowMs) <= nowMs - EXCESS_WINDOW_MS)
      this.#lowest.shift();
  }

  #cutExcess(nowMs: number, pulled: Pulled): void {
    const first = this.#lowest[0];
    if (!first || nowMs - first.atMs < EXCESS_WINDOW_MS || nowMs - this.#lastCutMs < PIECE_MS) return;
    const lowestMs = Math.min(...this.#lowest.map(({ ms }) => ms));
    if (lowestMs < this.#targetMs + EXCESS_MS || this.#queuedSamples < 3 * PIECE_SAMPLES) return;
    const quiet = this.#peakOfNext(2 * PIECE_SAMPLES) < QUIET_PEAK;
    if (!quiet && nowMs - this.#lastCutMs < CUT_EVERY_MS) return;
    this.#lastCutMs = nowMs;
    const both = new Float32Array(2 * PIECE_SAMPLES * this.#channels);
    const head = this.#queue[0];
    if (!head) return;
    const captureUs = head.captureUs + Math.round((head.taken * 1_000_000) / SAMPLE_RATE_HZ);
    this.#take(both, 2 * PIECE_SAMPLES, pulled);
    this.#putBack(captureUs, both);
    this.#droppedMs += PIECE_MS;
    for (const entry of this.#lowest) entry.ms -= PIECE_MS;
  }

  /** Two pieces become one: begins as the first, ends as the second, so that both joints are smooth. */
  #putBack(captureUs: number, both: Float32Array): void {
    const channels = this.#channels;
    const samples = new Int16Array(PIECE_SAMPLES * channels);
    for (let channel = 0; channel < channels; channel += 1) {
      for (let at = 0; at < PIECE_SAMPLES; at += 1) {
        const first = both[channel * 2 * PIECE_SAMPLES + at] ?? 0;
        const second = both[channel * 2 * PIECE_SAMPLES + PIECE_SAMPLES + at] ?? 0;
        const share = at / PIECE_SAMPLES;
        samples[at * channels + channel] = Math.round(32_768 * (first * (1 - share) + second * share));
      }
    }
    this.#queue.unshift({ ack: null, captureUs, samples, taken: 0 });
    this.#queuedSamples += PIECE_SAMPLES;
  }

  #peakOfNext(samples: number): number {
    let [left, peak] = [samples, 0];
    for (const { samples: own, taken } of this.#queue) {
      const from = taken * this.#channels;
      const to = Math.min(own.length, from + left * this.#channels);
      for (let at = from; at < to; at += 1) peak = Math.max(peak, Math.abs(own[at] ?? 0));
      left -= (to - from) / this.#channels;
      if (left <= 0) break;
    }
    return peak / 32_768;
  }

  #fade(planes: Float32Array, from: number, to: number, way: 'in' | 'out'): void {
    const length = Math.min(FADE_SAMPLES, to - from);
    for (let channel = 0; channel < this.#channels; channel += 1) {
      for (let at = 0; at < length; at += 1) {
        const index = channel * PIECE_SAMPLES + (way === 'in' ? from + at : to - 1 - at);
        planes[index] = ((planes[index] ?? 0) * at) / length;
      }
    }
  }
}
