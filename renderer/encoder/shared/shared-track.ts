import type { VideoCodec } from '../../../protocol/hello.ts';
import type { SharedEncoderStats } from '../../../protocol/stats.ts';
import { RungPlan } from './rung-plan.ts';
import { type EncodedUnit, SharedEncoder, type SharedEncoderOptions } from './shared-encoder.ts';
import type { WorkerSettings } from './worker-message.ts';

/** What a rung needs of its encoder. */
export type RungEncoder = Pick<
  SharedEncoder,
  'requestKeyFrame' | 'setAllowed' | 'encode' | 'tick' | 'close' | 'stats'
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
  settings: WorkerSettings;
  nowMs: () => number;
  onFailure: (reason: string) => void;
  makeEncoder?: (options: SharedEncoderOptions) => RungEncoder;
}

interface Member {
  sender: UnitSink;
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

  constructor(options: SharedTrackOptions) {
    this.#options = options;
    this.#plan = new RungPlan(options.settings.maxRungs, options.settings.startBps);
  }

  get empty(): boolean {
    return this.#members.size === 0;
  }

  rungOf(id: string): number | null {
    return this.#members.get(id)?.rung ?? null;
  }

  add(id: string, sender: UnitSink): void {
    this.#members.set(id, { sender, allowedBps: null, rung: undefined, next: undefined });
    this.#replan();
  }

  remove(id: string): void {
    this.#members.delete(id);
    this.#replan();
  }

  setAllowed(rates: ReadonlyMap<string, number>): void {
    for (const [id, member] of this.#members) {
      const bps = rates.get(id);
      if (bps !== undefined) member.allowedBps = Math.min(bps, this.#options.settings.maxBps);
    }
    this.#replan();
  }

  needKeyFrame(id: string): void {
    const member = this.#members.get(id);
    const rung = member?.next ?? member?.rung;
    if (rung !== undefined) this.#encoders.get(rung)?.requestKeyFrame();
  }

  /** The caller keeps the picture. */
  encode(frame: VideoFrame): void {
    // Its own clone for each, since each closes what it is given.
    for (const encoder of [...this.#encoders.values()]) encoder.encode(frame.clone());
  }

  tick(): void {
    for (const encoder of [...this.#encoders.values()]) encoder.tick();
    for (const { sender } of this.#members.values()) sender.tick();
  }

  stats(): SharedEncoderStats[] {
    return [...this.#encoders].map(([id, encoder]) =>
      encoder.stats([...this.#members.values()].filter(({ rung }) => rung === id).length),
    );
  }

  close(): void {
    for (const encoder of this.#encoders.values()) encoder.close();
    this.#encoders.clear();
    this.#members.clear();
  }

  #replan(): void {
    const { settings, nowMs } = this.#options;
    const viewers = [...this.#members].map(([id, { allowedBps }]) => ({
      id,
      allowedBps: allowedBps ?? settings.startBps,
    }));
    const rungs = this.#plan.update(viewers, nowMs());
    for (const { id, allowedBps, members } of rungs) {
      const encoder = this.#encoders.get(id) ?? this.#open(id, allowedBps);
      encoder.setAllowed(allowedBps);
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
    const { track, codec, fps, settings, nowMs, onFailure, makeEncoder } = this.#options;
    const { minBps, maxBps } = settings;
    const options: SharedEncoderOptions = {
      track,
      codec,
      rung,
      fps,
      limits: { minBps, maxBps, startBps: Math.min(maxBps, Math.max(minBps, allowedBps)) },
      nowMs,
      onUnit: (unit) => this.#onUnit(rung, unit),
      onFailure,
    };
    const encoder = makeEncoder?.(options) ?? new SharedEncoder(options);
    this.#encoders.set(rung, encoder);
    return encoder;
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
    const needed = new Set([...this.#members.values()].flatMap(({ rung, next }) => [rung, next]));
    for (const [id, encoder] of this.#encoders) {
      if (needed.has(id)) continue;
      encoder.close();
      this.#encoders.delete(id);
    }
  }
}
