import type { PictureStages, SpreadMs } from '../../../protocol/stats.ts';
import { Spread } from '../spread.ts';

/** What is known of a picture when it leaves the page for the worker. */
export interface PictureArrival {
  /** Yielded by the model until handed to the socket, and from there until handed to the worker; by one clock each. */
  convertMs: number;
  /** Null until the clocks of model and page are matched. */
  handOverMs: number | null;
  /** When it left the page, in milliseconds since the epoch: page and worker count `performance.now()` from different moments. */
  leftPageMs: number;
}

type Stage = Exclude<keyof PictureStages, 'capture_us' | 'key' | 'bytes'>;
/** Known in full only when the picture is through. */
const TOLD_LATER = ['convert_ms', 'hand_over_ms', 'queue_ms', 'send_ms'] as const;

const WINDOW_MS = 5000;
/** A second's pictures at 240 a second. */
const MOST_PICTURES = 240;
/** An access unit waits for its stand-in no longer than this before it is given up. */
const COMPLETE_AFTER_MS = 250;

/** Where the time of one encoder's pictures goes, picture by picture. */
export class StageTimes {
  readonly #spreads: Record<Stage, Spread>;
  /** Not yet told, oldest first. */
  #pictures: { madeMs: number; stages: PictureStages }[] = [];

  constructor() {
    const spread = () => new Spread(WINDOW_MS);
    this.#spreads = {
      convert_ms: spread(),
      hand_over_ms: spread(),
      queue_ms: spread(),
      encode_ms: spread(),
      send_ms: spread(),
    };
  }

  /**
   * An access unit is there. Its `send_ms` is filled in while it goes out.
   *
   * @param arrival undefined for the last picture again, of which only the encoding is counted
   * @param takenMs when the encoder was given the picture, by the worker's clock like `nowMs`
   */
  made(
    { captureUs, key, bytes }: { captureUs: number; key: boolean; bytes: number },
    arrival: PictureArrival | undefined,
    takenMs: number,
    nowMs: number,
  ): PictureStages | undefined {
    this.#spreads.encode_ms.add(nowMs, nowMs - takenMs);
    if (!arrival) return undefined;
    const stages: PictureStages = {
      capture_us: captureUs,
      convert_ms: arrival.convertMs,
      hand_over_ms: arrival.handOverMs,
      queue_ms: Math.max(0, performance.timeOrigin + takenMs - arrival.leftPageMs),
      encode_ms: nowMs - takenMs,
      key,
      bytes,
      send_ms: null,
    };
    this.#pictures.push({ madeMs: nowMs, stages });
    if (this.#pictures.length > MOST_PICTURES) this.#pictures.shift();
    return stages;
  }

  /** The pictures that are through since this was last asked. */
  take(nowMs: number): PictureStages[] {
    const through = this.#pictures.findIndex(
      ({ madeMs, stages }) => stages.send_ms === null && nowMs - madeMs < COMPLETE_AFTER_MS,
    );
    const taken = this.#pictures.splice(0, through < 0 ? this.#pictures.length : through);
    for (const { madeMs, stages } of taken) {
      for (const stage of TOLD_LATER) {
        const ms = stages[stage];
        if (ms !== null) this.#spreads[stage].add(madeMs, ms);
      }
    }
    return taken.map(({ stages }) => stages);
  }

  read(nowMs: number): Record<Stage, SpreadMs | null> {
    const read = (stage: Stage) => this.#spreads[stage].read(nowMs);
    return {
      convert_ms: read('convert_ms'),
      hand_over_ms: read('hand_over_ms'),
      queue_ms: read('queue_ms'),
      encode_ms: read('encode_ms'),
      send_ms: read('send_ms'),
    };
  }
}
