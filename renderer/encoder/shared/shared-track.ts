import type { VideoCodec } from '../../../protocol/hello.ts';
import type { SharedEncoderStats } from '../../../protocol/stats.ts';
import { enoughBps } from './enough-rate.ts';
import { RungPlan } from './rung-plan.ts';
import {
  type Content,
  type EncodedUnit,
  SharedEncoder,
  type SharedEncoderOptions,
} from './shared-encoder.ts';
import type { PictureArrival } from './stage-times.ts';
import type { WorkerSettings } from './worker-message.ts';

/** What a rung needs of its encoder. */
export type RungEncoder = Pick<
  SharedEncoder,
  | 'counts'
  | 'requestKeyFrame'
  | 'oweKeyFrame'
  | 'firstViewer'
  | 'setAllowed'
  | 'encode'
  | 'tick'
  | 'close'
  | 'stats'
>;

/** What a track needs of a viewer's sender. */
export interface UnitSink {
  onUnit(unit: EncodedUnit): void;
  tick(): void;
}

export interface SharedTrackOptions {
  track: string;
  codec: VideoCodec;
  fps: number;
  content: Content;
  /** With the track's own limits in the place of the host's. */
  settings: WorkerSettings;
  nowMs: () => number;
  onFailure: (reason: string) => void;
  /** See SharedEncoderOptions. */
  onWarning: (message: string) => void;
  makeEncoder?: (options: SharedEncoderOptions) => RungEncoder;
}

interface Member {
  sender: UnitSink;
  observer: boolean;
  /** Null until the first estimate. */
  allowedBps: number | null;
  /** Where its access units come from... */
  rung: number | undefined;
  /** ... and from where on its next key frame. */
  next: number | undefined;
}

/** One track in one codec: its viewers, and an encoder for each rung that they need. */
export class SharedTrack {
  readonly #options: SharedTrackOptions;
  readonly #members = new Map<string, Member>();
  readonly #encoders = new Map<number, RungEncoder>();
  readonly #plan: RungPlan;
  /** Viewers that are on their way. */
  readonly #expected = new Set<string>();
  /** An encoder that runs already, for the first of them: starting one, and its first picture, take up to 300 ms. */
  #spare: { encoder: RungEncoder; serve: (rung: number) => void } | undefined;
  #size = { width: 0, height: 0 };
  /** What pictures of this size can make use of. */
  #enoughBps = Number.POSITIVE_INFINITY;
  /** How much of it this machine has time for. */
  #loadScale = 1;
  /** Of encoders that are gone. */
  #past = { offered: 0, skipped: 0 };

  constructor(options: SharedTrackOptions) {
    this.#options = options;
    this.#plan = new RungPlan(options.settings.maxRungs, options.settings.startBps);
  }

  get empty(): boolean {
    return this.#members.size === 0 && this.#expected.size === 0;
  }

  rungOf(id: string): number | null {
    return this.#members.get(id)?.rung ?? null;
  }

  /** A viewer has been answered and will be here in a moment, or never: then it is removed. */
  expect(id: string): void {
    this.#expected.add(id);
    if (this.#encoders.size > 0 || this.#spare) return;
    let rung: number | undefined;
    let missed = false;
    const encoder = this.#make(this.#options.settings.startBps, true, (unit) => {
      if (rung === undefined) missed = true;
      else this.#onUnit(rung, unit);
    });
    const serve = (number: number) => {
      rung = number;
      encoder.firstViewer();
      // Else its first access unit, a key frame, is still to come.
      if (missed) encoder.oweKeyFrame();
    };
    this.#spare = { encoder, serve };
  }

  /** @param observer it goes along with the best rung of the others, and has none of its own */
  add(id: string, sender: UnitSink, observer = false): void {
    this.#expected.delete(id);
    this.#members.set(id, { sender, observer, allowedBps: null, rung: undefined, next: undefined });
    this.#replan();
  }

  remove(id: string): void {
    this.#expected.delete(id);
    this.#members.delete(id);
    this.#replan();
  }

  setAllowed(rates: ReadonlyMap<string, number>): void {
    for (const [id, member] of this.#members) {
      const bps = rates.get(id);
      if (bps !== undefined) member.allowedBps = bps;
    }
    this.#replan();
  }

  /** @param scale see LoadPolicy */
  setLoadScale(scale: number): void {
    if (scale === this.#loadScale) return;
    this.#loadScale = scale;
    this.#replan();
  }

  /** Pictures that its encoders were given since the beginning, and that they skipped. */
  get counts(): { offered: number; skipped: number } {
    const sum = { ...this.#past };
    for (const encoder of this.#all()) addCounts(sum, encoder);
    return sum;
  }

  needKeyFrame(id: string): void {
    this.#encoderOf(id)?.requestKeyFrame();
  }

  /** As needKeyFrame, however soon the last one was. */
  oweKeyFrame(id: string): void {
    this.#encoderOf(id)?.oweKeyFrame();
  }

  /** The caller keeps the picture. */
  encode(frame: VideoFrame, arrival?: PictureArrival): void {
    const { displayWidth: width, displayHeight: height } = frame;
    if (width !== this.#size.width || height !== this.#size.height) {
      this.#size = { width, height };
      this.#enoughBps = enoughBps(this.#options.codec, width, height, this.#options.fps);
      this.#replan();
    }
    // Its own clone for each, since each closes what it is given.
    for (const encoder of this.#all()) encoder.encode(frame.clone(), arrival);
  }

  tick(): void {
    for (const encoder of this.#all()) encoder.tick();
    for (const { sender } of this.#members.values()) sender.tick();
  }

  stats(): SharedEncoderStats[] {
    return [...this.#encoders].map(([id, encoder]) =>
      encoder.stats(id, [...this.#members.values()].filter(({ rung }) => rung === id).length),
    );
  }

  close(): void {
    for (const encoder of this.#all()) encoder.close();
    this.#spare = undefined;
    this.#encoders.clear();
    this.#members.clear();
    this.#expected.clear();
  }

  /** Where a viewer's next key frame comes from. */
  #encoderOf(id: string): RungEncoder | undefined {
    const member = this.#members.get(id);
    const rung = member?.next ?? member?.rung;
    return rung === undefined ? undefined : this.#encoders.get(rung);
  }

  #all(): RungEncoder[] {
    return [...this.#encoders.values(), ...(this.#spare ? [this.#spare.encoder] : [])];
  }

  #replan(): void {
    const { settings, nowMs } = this.#options;
    // Links that have more than enough are alike.
    const mostBps = Math.min(settings.maxBps, Math.max(settings.minBps, this.#enoughBps * this.#loadScale));
    const viewers = [...this.#members].map(([id, { observer, allowedBps }]) => ({
      id,
      observer,
      allowedBps: Math.min(mostBps, allowedBps ?? settings.startBps),
    }));
    // Whatever its own link, so that nobody's picture and no encoder is there because of an observer.
    const bestBps = Math.max(...viewers.filter(({ observer }) => !observer).map((each) => each.allowedBps));
    const planned = viewers.map(({ id, observer, allowedBps }) => ({
      id,
      allowedBps: observer && bestBps > 0 ? bestBps : allowedBps,
    }));
    const rungs = this.#plan.update(planned, nowMs());
    for (const { id, allowedBps, members } of rungs) {
      const encoder = this.#encoders.get(id) ?? this.#open(id, allowedBps);
      // With one viewer the encoder is what takes time, and that goes by samples; with many it is the packets of each.
      encoder.setAllowed(allowedBps, this.#loadScale ** (1 / members.length));
      for (const name of members) {
        const member = this.#members.get(name);
        if (!member) continue;
        if (member.rung === id) {
          member.next = undefined;
        } else if (member.next !== id) {
          member.next = id;
          encoder.requestKeyFrame();
        }
      }
    }
    this.#sweep();
  }

  #open(rung: number, allowedBps: number): RungEncoder {
    const spare = this.#spare;
    this.#spare = undefined;
    spare?.serve(rung);
    const encoder = spare?.encoder ?? this.#make(allowedBps, false, (unit) => this.#onUnit(rung, unit));
    this.#encoders.set(rung, encoder);
    return encoder;
  }

  #make(allowedBps: number, isEarly: boolean, onUnit: (unit: EncodedUnit) => void): RungEncoder {
    const { track, codec, fps, content, settings, nowMs, onFailure, onWarning, makeEncoder } = this.#options;
    const { minBps, maxBps } = settings;
    const options: SharedEncoderOptions = {
      track,
      codec,
      fps,
      content,
      hardware: settings.hardware,
      limits: { minBps, maxBps, startBps: Math.min(maxBps, Math.max(minBps, allowedBps)) },
      isEarly,
      nowMs,
      onUnit,
      onFailure,
      onWarning,
    };
    return makeEncoder?.(options) ?? new SharedEncoder(options);
  }

  #onUnit(rung: number, unit: EncodedUnit): void {
    let moved = false;
    for (const member of this.#members.values()) {
      if (member.next === rung && unit.key) {
        member.rung = rung;
        member.next = undefined;
        moved = true;
      }
      if (member.rung === rung) member.sender.onUnit(unit);
    }
    if (moved) this.#sweep();
  }

  /** An encoder ends when its last viewer has moved on. */
  #sweep(): void {
    if (this.#expected.size === 0) {
      this.#spare?.encoder.close();
      this.#spare = undefined;
    }
    const needed = new Set([...this.#members.values()].flatMap(({ rung, next }) => [rung, next]));
    for (const [id, encoder] of this.#encoders) {
      if (needed.has(id)) continue;
      addCounts(this.#past, encoder);
      encoder.close();
      this.#encoders.delete(id);
    }
  }
}

function addCounts(sum: { offered: number; skipped: number }, { counts }: RungEncoder): void {
  sum.offered += counts.offered;
  sum.skipped += counts.skipped;
}
