import type { PictureStages } from '../protocol/stats.ts';
import { percentile } from './summary.ts';
import type { Seen } from './viewer-page.ts';

/** The stages of a picture from drawn to decoded, in the order of its way. */
export const STAGE_NAMES = [
  'draw',
  'convert',
  'hand-over',
  'queue',
  'encode',
  'send',
  'network',
  'buffer',
  'decode',
] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** What one picture took, in milliseconds; a stage that nobody told is null. */
export interface PictureSplit {
  index: number;
  latencyMs: number;
  stages: Record<StageName, number | null>;
  key: boolean | null;
  bytes: number | null;
}

/** The split of a run. */
export interface Split {
  /** One by one, for `--json`. */
  each: readonly PictureSplit[];
  /** Pictures of which every stage is known, or for a sender that tells nothing those of the viewer. */
  pictures: number;
  latencyMs: { p50: number; p95: number };
  stages: Record<StageName, { p50: number; p95: number } | null>;
  /** Means of the slowest twentieth less the medians of all: where their time went. */
  slowest: Record<StageName, number | null>;
  slowestKeyFrames: number;
  slowestPictures: number;
  /** Encode and decode of the same picture, together. */
  codingMs: { p50: number; p95: number } | null;
}

/** A picture is drawn just before it is yielded; one that was yielded later than this was another. */
const DRAWN_BEFORE_US = 20_000;
const SLOWEST = 0.05;

/**
 * Joins what the sender told of each picture with what the viewer saw of it.
 *
 * @param seen by the viewer's clock
 * @param toMonotonicUs added to it gives the clock of `capture_us` and of the stamps
 */
export function splitPictures(
  seen: Pick<Seen, 'pictures' | 'receipts'>,
  toMonotonicUs: number,
  sent: readonly PictureStages[],
): PictureSplit[] {
  const receipts = new Map(seen.receipts.map((each) => [each.rtpTimestamp, each]));
  const byCapture = [...sent].sort((one, other) => one.capture_us - other.capture_us);
  let at = 0;
  let newest = -1;
  return seen.pictures.flatMap(({ seenUs, timeUs, index, rtpTimestamp }) => {
    if (timeUs === null || index === null || index <= newest) return [];
    newest = index;
    const decodedUs = seenUs + toMonotonicUs;
    while ((byCapture[at]?.capture_us ?? Number.POSITIVE_INFINITY) < timeUs) at += 1;
    const next = byCapture[at];
    const told = next && next.capture_us - timeUs < DRAWN_BEFORE_US ? next : undefined;
    const receipt = rtpTimestamp === null ? undefined : receipts.get(rtpTimestamp);
    const receivedUs = receipt && receipt.receivedUs + toMonotonicUs;
    const sentUs =
      told &&
      told.hand_over_ms !== null &&
      told.send_ms !== null &&
      told.capture_us +
        1000 * (told.convert_ms + told.hand_over_ms + told.queue_ms + told.encode_ms + told.send_ms);
    return [
      {
        index,
        latencyMs: (decodedUs - timeUs) / 1000,
        stages: {
          draw: told ? (told.capture_us - timeUs) / 1000 : null,
          convert: told?.convert_ms ?? null,
          'hand-over': told?.hand_over_ms ?? null,
          queue: told?.queue_ms ?? null,
          encode: told?.encode_ms ?? null,
          send: told?.send_ms ?? null,
          network: sentUs && receivedUs ? (receivedUs - sentUs) / 1000 : null,
          buffer: receipt && receivedUs ? (decodedUs - receivedUs) / 1000 - receipt.decodeMs : null,
          decode: receipt?.decodeMs ?? null,
        },
        key: told?.key ?? null,
        bytes: told?.bytes ?? null,
      },
    ];
  });
}

/** @returns null where the viewer told of no picture */
export function summarizeSplit(all: readonly PictureSplit[]): Split | null {
  const told = all.filter(({ stages }) => stages.network !== null && stages.decode !== null);
  const pictures = told.length > 0 ? told : all.filter(({ stages }) => stages.decode !== null);
  if (pictures.length === 0) return null;
  const slowest = [...pictures]
    .sort((one, other) => other.latencyMs - one.latencyMs)
    .slice(0, Math.ceil(SLOWEST * pictures.length));
  const values = (of: readonly PictureSplit[], name: StageName) =>
    of.map(({ stages }) => stages[name]).filter((ms) => ms !== null);
  const each = <T>(make: (name: StageName) => T) =>
    Object.fromEntries(STAGE_NAMES.map((name) => [name, make(name)])) as Record<StageName, T>;
  const coding = pictures.flatMap(({ stages: { encode, decode } }) =>
    encode === null || decode === null ? [] : [encode + decode],
  );
  return {
    each: all,
    pictures: pictures.length,
    latencyMs: spread(pictures.map(({ latencyMs }) => latencyMs)) ?? { p50: Number.NaN, p95: Number.NaN },
    stages: each((name) => spread(values(pictures, name))),
    slowest: each((name) => {
      const of = values(slowest, name);
      if (of.length === 0) return null;
      return of.reduce((sum, ms) => sum + ms, 0) / of.length - percentile(values(pictures, name), 0.5);
    }),
    slowestKeyFrames: slowest.filter(({ key }) => key).length,
    slowestPictures: slowest.length,
    codingMs: spread(coding),
  };
}

function spread(ms: number[]): { p50: number; p95: number } | null {
  return ms.length > 0 ? { p50: percentile(ms, 0.5), p95: percentile(ms, 0.95) } : null;
}
