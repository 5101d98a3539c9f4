import { DepthControl, LEAST_AIM_MS } from './depth-control.ts';
import { DriftResampler } from './drift-resampler.ts';
import { PIECE_MS, PIECE_SAMPLES, SAMPLE_RATE_HZ, type SoundPiece } from './sound-piece.ts';
import { SPLICE_SAMPLES, shortened } from './splice.ts';

/**
 * Sound between the model's pieces (33 ms, or a second at once) and the even 10 ms that WebRTC wants: the viewer's jitter
 * buffer is 25 to 40 ms for even pieces and 486 ms for bursts of one second (ENGINE-NOTES, "Audio through a generator").
 *
 * `DepthControl` says how fast it is played, so that it is neither deeper than it has to be nor dry. When it runs dry all the
 * same, silence is filled in and counted; what comes late is played after it. A page that stood still is no reason for silence:
 * what it has not read yet is played on, and the viewer has bridged the time by itself. What is far too deep (a page that stood still) is
 * shortened, where it is quiet or else by cuts that fit, and counted too. The depth is bounded by credit (`AUDIO_WINDOW_US`),
 * sound that somebody hears is never thrown away in one go.
 *
 * While somebody listens there is always something to send: silence where the model yields none, so that the viewer's jitter
 * buffer has nothing to conceal.
 *
 * @packageDocumentation
 */

/** Longer silence is the model's own pause: nothing is counted then. */
const IDLE_AFTER_MS = 1000;
/** A timer that is later than this (a machine that slept) does not send its backlog in one go. */
const MAX_CATCH_UP_MS = 500;
/** What the first sound of a stream waits beyond its delay, left to the ratio below afterwards. */
const START_RESERVE_MS = 20;
/** ... and how long at most until sound comes in time: the host was seen to stand still for 200 ms while a viewer joins. */
const START_LIMIT_MS = 400;
/** A page that stood still reads what waits after so long: 19 ms were seen on two cores with four busy processes. */
const READ_WITHIN_MS = 40;
/** Above the aim: left to the ratio below, cut out above. */
const EXCESS_MS = 40;
/** ... where it is quiet, or nobody listens. */
const QUIET_EXCESS_MS = 5;
/** At most 20 ms in 500 are 4 %: above any drift of clocks, and few enough not to be noticed in most sound. */
const CUT_EVERY_MS = 500;
/** Sound that is so late is worth more cuts: at most 100 ms a second, as NetEq does (`kMinTimescaleInterval`). */
const FAR_EXCESS_MS = 100;
const CUT_FAR_EVERY_MS = 200;
/** -54 dBFS: cutting here is not heard. */
const QUIET_PEAK = 0.002;
const FADE_SAMPLES = 240;

/** Sound as it came from the model. */
export interface SoundMessage {
  seq: number;
  /** When the first sample is due, by the model's clock. */
  captureUs: number;
  /** The same by the caller's clock; null while the clocks are not matched. */
  dueMs: number | null;
  /** Interleaved. */
  samples: Int16Array;
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
  readonly #control = new DepthControl();
  readonly #resampler: DriftResampler;
  #queue: Queued[] = [];
  #queuedSamples = 0;
  /** Silence to be played before the queue. */
  #holdSamples = 0;
  /** When the next piece is due, by the caller's clock; undefined while there is nothing to send. */
  #dueMs: number | undefined;
  #heard = false;
  /** Nothing has come yet, or nothing for so long that it is the model's pause. */
  #idle = true;
  /** What waited was cut, and nothing has come since. */
  #isCut = false;
  /** Silence since it ran dry; it is only counted when sound comes back before it counts as a pause. */
  #dryMs = 0;
  #droppedMs = 0;
  #lastTimestampUs = -1;
  #nextTimestampUs = 0;
  #fadeIn = true;
  #lastCutMs = Number.NEGATIVE_INFINITY;
  /** While the first sound waits: until when at most. */
  #startUntilMs: number | undefined;
  #isNew = true;
  /** When the newest sound ends, by the caller's clock, if all comes as soon as the soonest: a model may be far away. */
  #endMs: number | undefined;
  #soonestMs = Number.POSITIVE_INFINITY;
  #unreadUntilMs = Number.NEGATIVE_INFINITY;

  constructor(channels: 1 | 2) {
    this.#channels = channels;
    this.#resampler = new DriftResampler(channels);
  }

  /** Sound waiting to be played out. */
  get bufferedMs(): number {
    return toMs(this.#unplayedSamples);
  }

  /** Silence filled in and sound cut out, since the beginning. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** What sound waits that comes in time. */
  get delayMs(): number {
    return PIECE_MS + this.#control.delayMs;
  }

  /** What the model's sound has waited lately; null while it gives none or nobody hears it. */
  get heardAfterMs(): number | null {
    const { usualMs } = this.#control;
    return this.#heard && !this.#idle && usualMs !== null ? PIECE_MS + usualMs : null;
  }

  /** When `pull` has something to do next, by the caller's clock; null while there is nothing to send. */
  get dueMs(): number | null {
    return this.#dueMs ?? null;
  }

  /** Whether there is anybody to hear it. */
  listen(nowMs: number, heard: boolean): void {
    if (heard === this.#heard) return;
    this.#heard = heard;
    if (heard) this.#dueMs ??= nowMs;
  }

  push(nowMs: number, message: SoundMessage): void {
    const samples = message.samples.length / this.#channels;
    const durationMs = toMs(samples);
    if (this.#idle || this.#isCut) {
      this.#begin(nowMs, durationMs);
    } else if (this.#dryMs > 0) {
      this.#resume(nowMs);
    }
    this.#dryMs = 0;
    // A page that stands still reads late, but plays late as well. What is given ahead of its time (a sentence at once) is in time.
    const atMs = Math.max(Math.min(nowMs, this.#dueMs ?? nowMs), message.dueMs ?? 0);
    this.#control.came(nowMs, this.#slackMs(atMs));
    this.#queue.push({ ack: message.seq, captureUs: message.captureUs, samples: message.samples, taken: 0 });
    this.#queuedSamples += samples;
    if (message.dueMs !== null) this.#soonestMs = Math.min(this.#soonestMs, nowMs - message.dueMs);
    const dueMs = message.dueMs === null ? null : message.dueMs + Math.max(0, this.#soonestMs);
    this.#endMs = (dueMs ?? this.#endMs ?? nowMs) + durationMs;
  }

  /** What is due by now. Called as near to `dueMs` as a timer can. */
  pull(nowMs: number): Pulled {
    const pulled: Pulled = { pieces: [], ackSeq: null };
    if (this.#dueMs !== undefined && nowMs - this.#dueMs > MAX_CATCH_UP_MS) this.#shiftTo(nowMs);
    while (this.#dueMs !== undefined && this.#dueMs <= nowMs) {
      if (this.#dryMs >= IDLE_AFTER_MS || (this.#isCut && this.#dryMs > 0)) {
        this.#idle = true;
        this.#isCut = false;
        this.#dryMs = 0;
        this.#endMs = undefined;
      }
      if (this.#idle && !this.#heard) {
        this.#dueMs = undefined;
        break;
      }
      if (this.#startUntilMs !== undefined) this.#start(nowMs, this.#startUntilMs, pulled);
      if (this.#isUnread(nowMs)) {
        // Silence for a time that is past would come behind what the viewer has concealed, and before what has come meanwhile.
        this.#shiftTo(nowMs + PIECE_MS);
        break;
      }
      this.#cutExcess(nowMs, pulled);
      pulled.pieces.push(this.#next(nowMs, pulled));
      this.#dueMs += PIECE_MS;
    }
    return pulled;
  }

  /**
   * Cuts what waits: it fades out within 5 ms, and what comes next begins as after a pause. Returns the newest message's number
   * for its acknowledgement.
   */
  flush(): number | null {
    const last = this.#newestAck;
    if (this.#holdSamples === 0) this.#fadeOutNow();
    this.#drop();
    this.#isCut = !this.#idle;
    return last;
  }

  /** Forgets everything: another model process begins. Returns the newest message's number for its acknowledgement. */
  clear(): number | null {
    const last = this.#newestAck;
    this.#drop();
    this.#resampler.reset();
    if (!this.#heard) this.#dueMs = undefined;
    this.#idle = true;
    this.#isCut = false;
    this.#isNew = true;
    this.#soonestMs = Number.POSITIVE_INFINITY;
    this.#dryMs = 0;
    this.#fadeIn = true;
    this.#lastTimestampUs = -1;
    return last;
  }

  get #newestAck(): number | null {
    return this.#queue.at(-1)?.ack ?? null;
  }

  /** Nothing waits any more, nor is anything waited for. */
  #drop(): void {
    this.#queue = [];
    this.#queuedSamples = this.#holdSamples = 0;
    this.#startUntilMs = this.#endMs = undefined;
  }

  get #unplayedSamples(): number {
    return this.#holdSamples + this.#resampler.unreadSamples + this.#queuedSamples;
  }

  /** The first sound after a pause: it waits as long as sound has to, behind the silence that is being sent. */
  #begin(nowMs: number, durationMs: number): void {
    this.#idle = this.#isCut = false;
    this.#control.restart(durationMs);
    const isStart = this.#isNew && this.#heard;
    this.#isNew = false;
    if (isStart) this.#startUntilMs = nowMs + START_LIMIT_MS;
    const beginMs = nowMs + this.delayMs + (isStart ? START_RESERVE_MS : 0);
    this.#dueMs ??= beginMs;
    this.#holdSamples = Math.max(0, Math.round(((beginMs - this.#dueMs) * SAMPLE_RATE_HZ) / 1000));
  }

  /**
   * The first sound waits until what comes is in time. A stream that begins with its first viewer keeps host and page busy: begun at
   * once, sound broke off after 60 ms and went on 200 ms late. What has become too old by then nobody has heard yet.
   */
  #start(nowMs: number, untilMs: number, pulled: Pulled): void {
    if (this.#holdSamples >= PIECE_SAMPLES) return;
    if (nowMs < untilMs && nowMs > (this.#endMs ?? nowMs)) {
      this.#holdSamples += PIECE_SAMPLES;
      this.#control.shifted(PIECE_MS);
      return;
    }
    this.#startUntilMs = undefined;
    const oldestMs = nowMs - (this.#endMs ?? nowMs) + toMs(this.#queuedSamples);
    const excessMs = oldestMs - this.delayMs - START_RESERVE_MS;
    if (excessMs > QUIET_EXCESS_MS) this.#skip(excessMs, pulled);
  }

  /** It ran dry: the next sound may come as late, so the silence is made a little longer, and never needed again. */
  #resume(nowMs: number): void {
    const missingMs = Math.max(0, LEAST_AIM_MS - this.#slackMs(nowMs));
    this.#holdSamples += Math.round((missingMs * SAMPLE_RATE_HZ) / 1000);
    this.#droppedMs += this.#dryMs + missingMs;
    this.#control.shifted(this.#dryMs + missingMs);
  }

  /** How long what is there will last. A piece has to be there as a whole when it is due. */
  #slackMs(atMs: number): number {
    return (this.#dueMs ?? atMs) + this.bufferedMs - PIECE_MS - atMs;
  }

  /** The page stood still for longer than its sound lasted: what has come since then waits to be read. */
  #isUnread(nowMs: number): boolean {
    if (this.#idle || this.#dryMs > 0 || this.bufferedMs >= PIECE_MS) return false;
    if (nowMs - (this.#dueMs ?? nowMs) > PIECE_MS) this.#unreadUntilMs = nowMs + READ_WITHIN_MS;
    return nowMs < this.#unreadUntilMs;
  }

  #shiftTo(dueMs: number): void {
    this.#control.shifted(dueMs - (this.#dueMs ?? dueMs));
    this.#dueMs = dueMs;
  }

  #next(nowMs: number, pulled: Pulled): SoundPiece {
    const planes = new Float32Array(PIECE_SAMPLES * this.#channels);
    const timestampUs = this.#stamp();
    if (this.#idle) return { timestampUs, planes };
    const ratio = this.#control.ratio(nowMs);
    this.#fill(this.#resampler.missingSamples(PIECE_SAMPLES, ratio), pulled);
    const available = Math.min(PIECE_SAMPLES, Math.floor(this.#resampler.unreadSamples / ratio));
    this.#resampler.read(planes, PIECE_SAMPLES, available, ratio);
    if (available > 0 && this.#fadeIn) this.#fade(planes, available, 'in');
    if (available < PIECE_SAMPLES) {
      // Sound that stops in the middle of a wave clicks.
      if (available > 0 && !this.#fadeIn) this.#fade(planes, available, 'out');
      this.#dryMs += toMs(PIECE_SAMPLES - available);
      this.#resampler.reset();
    }
    this.#fadeIn = available < PIECE_SAMPLES;
    return { timestampUs, planes };
  }

  /** The stamp of the sound that is next, by the model's clock; silence goes on where sound ended. */
  #stamp(): number {
    const head = this.#queue[0];
    const aheadSamples = this.#unplayedSamples - this.#queuedSamples;
    const wanted = head
      ? Math.round(head.captureUs + ((head.taken - aheadSamples) * 1_000_000) / SAMPLE_RATE_HZ)
      : this.#nextTimestampUs;
    const stamp = Math.max(wanted, this.#lastTimestampUs + 1);
    this.#lastTimestampUs = stamp;
    this.#nextTimestampUs = stamp + PIECE_MS * 1000;
    return stamp;
  }

  /** Hands so many samples to the resampler, or as many as there are. */
  #fill(samples: number, pulled: Pulled): void {
    const held = Math.min(samples, this.#holdSamples);
    this.#resampler.giveSilence(held);
    this.#holdSamples -= held;
    this.#take(samples - held, pulled, (from, begin, end) => this.#resampler.give(from, begin, end));
  }

  /** Takes so many samples a channel from the queue; `use` gets them, interleaved. */
  #take(samples: number, pulled: Pulled, use: (from: Int16Array, begin: number, end: number) => void): void {
    const channels = this.#channels;
    let left = samples;
    while (left > 0) {
      const head = this.#queue[0];
      if (!head) break;
      const total = head.samples.length / channels;
      const count = Math.min(left, total - head.taken);
      use(head.samples, head.taken * channels, (head.taken + count) * channels);
      head.taken += count;
      left -= count;
      this.#queuedSamples -= count;
      if (head.taken === total) {
        this.#queue.shift();
        pulled.ackSeq = head.ack ?? pulled.ackSeq;
      }
    }
  }

  /** Takes so many samples a channel from the queue, or as many as there are: interleaved. */
  #copied(samples: number, pulled: Pulled): Int16Array {
    const copy = new Int16Array(Math.min(samples, this.#queuedSamples) * this.#channels);
    let filled = 0;
    this.#take(samples, pulled, (from, begin, end) => {
      copy.set(from.subarray(begin, end), filled);
      filled += end - begin;
    });
    return copy;
  }

  #cutExcess(nowMs: number, pulled: Pulled): void {
    const excessMs = this.#idle ? 0 : this.#control.excessMs(nowMs);
    if (excessMs < QUIET_EXCESS_MS) return;
    if (!this.#heard) {
      this.#skip(excessMs, pulled);
    } else if (this.#queuedSamples > 2 * PIECE_SAMPLES && this.#peakOfNext(2 * PIECE_SAMPLES) < QUIET_PEAK) {
      this.#skip(Math.min(excessMs, PIECE_MS), pulled);
    } else if (
      excessMs > EXCESS_MS &&
      this.#queuedSamples > SPLICE_SAMPLES &&
      nowMs - this.#lastCutMs >= (excessMs > FAR_EXCESS_MS ? CUT_FAR_EVERY_MS : CUT_EVERY_MS)
    ) {
      this.#lastCutMs = nowMs;
      this.#splice(pulled);
    }
  }

  #skip(ms: number, pulled: Pulled): void {
    const before = this.#queuedSamples;
    this.#take(Math.round((ms * SAMPLE_RATE_HZ) / 1000), pulled, () => {});
    this.#shortenedBy(before - this.#queuedSamples);
  }

  #splice(pulled: Pulled): void {
    const head = this.#queue[0];
    if (!head) return;
    const captureUs = head.captureUs + Math.round((head.taken * 1_000_000) / SAMPLE_RATE_HZ);
    const next = this.#copied(SPLICE_SAMPLES, pulled);
    const samples = shortened(next, this.#channels);
    this.#queue.unshift({ ack: null, captureUs, samples, taken: 0 });
    this.#queuedSamples += samples.length / this.#channels;
    this.#shortenedBy((next.length - samples.length) / this.#channels);
  }

  #fadeOutNow(): void {
    // What is taken is acknowledged with the rest.
    const tail = this.#copied(FADE_SAMPLES, { pieces: [], ackSeq: null });
    const faded = tail.map((sample, at) => Math.round((sample * (tail.length - at)) / tail.length));
    this.#resampler.give(faded, 0, faded.length);
  }

  #shortenedBy(samples: number): void {
    this.#droppedMs += toMs(samples);
    this.#control.shifted(-toMs(samples));
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

  #fade(planes: Float32Array, available: number, way: 'in' | 'out'): void {
    const length = Math.min(FADE_SAMPLES, available);
    for (let channel = 0; channel < this.#channels; channel += 1) {
      for (let at = 0; at < length; at += 1) {
        const index = channel * PIECE_SAMPLES + (way === 'in' ? at : available - 1 - at);
        planes[index] = ((planes[index] ?? 0) * at) / length;
      }
    }
  }
}

function toMs(samples: number): number {
  return (samples * 1000) / SAMPLE_RATE_HZ;
}
