import type { Seen, SeenPicture, SeenStats } from './viewer-page.ts';

/** The part of a run that counts, by CLOCK_MONOTONIC in microseconds. */
export interface Window {
  fromUs: number;
  untilUs: number;
}

/** The figures of one run. Null where nothing was measured. */
export interface Summary {
  /** From the POST of the offer to the first picture that can be read. */
  firstPictureMs: number;
  /** From the POST of the offer to the picture from which on all have the source's size; null when it never got there. */
  fullSizeMs: number | null;
  /** Drawn by the source until decoded in the viewer. */
  latencyMs: { p50: number; p95: number; p99: number; max: number };
  /** The same over the first and the last ten seconds: a queue that builds up shows here. */
  firstLatencyMs: { p50: number; p95: number };
  lastLatencyMs: { p50: number; p95: number };
  /** The median of each second since the first picture: the one at index 5 is that of the sixth second. */
  secondsMs: number[];
  /** Different pictures a second. */
  fps: number;
  /** Pictures of the source that never came, and that came more than once. */
  missing: number;
  repeated: number;
  /** Pictures that came damaged, so that the stamp cannot be read: in the rate and the gaps, not in the latency. */
  unreadable: number;
  /** The longest time between two different pictures, in the window, and from the first picture to the window. */
  longestGapMs: number;
  longestGapBeforeMs: number;
  /** The mean, and the worst, of every tenth picture at full size. */
  psnrDb: number | null;
  worstPsnrDb: number | null;
  receivedMbps: number;
  codec: string;
  /** The last picture's size. */
  width: number;
  height: number;
  sizeChanges: number;
  /** Means a picture in the viewer. Processing is from its first packet until decoded. */
  jitterBufferMs: number;
  decodeMs: number;
  processingMs: number;
  packetsLost: number;
  keyFrames: number;
  /** NACK messages that the viewer sent, and packets that came again over RTX, or for protection. */
  nacks: number;
  rtxPackets: number;
  fecPackets: number;
}

const EDGE_US = 10e6;

/** Value at `fraction` of the sorted values, by the nearest rank. */
export function percentile(values: number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN;
}

/**
 * @param seen What the viewer saw, by its own clock.
 * @param toMonotonicUs Added to the viewer's clock gives CLOCK_MONOTONIC.
 * @param offerUs When the offer was posted.
 */
export function summarize(
  seen: Seen,
  toMonotonicUs: number,
  offerUs: number,
  window: Window,
  source: { width: number; height: number },
): Summary {
  const stamped = seen.pictures
    .filter(isStamped)
    .map((picture) => ({ ...picture, seenUs: picture.seenUs + toMonotonicUs }));
  const first = stamped[0];
  const fresh = onlyNew(stamped);
  const counted = fresh.filter(({ seenUs }) => seenUs >= window.fromUs && seenUs < window.untilUs);
  const last = counted.at(-1);
  if (!first || !last) throw new Error('no picture came in the time that counts');
  const latencyMs = ({ seenUs, timeUs }: Stamped) => (seenUs - timeUs) / 1000;
  const latencies = counted.map(latencyMs);
  const edge = (fromUs: number) => {
    const part = counted.filter(({ seenUs }) => seenUs >= fromUs && seenUs < fromUs + EDGE_US).map(latencyMs);
    return { p50: percentile(part, 0.5), p95: percentile(part, 0.95) };
  };
  // Damaged, but delivered. Before the first that can be read a sender may show something else.
  const unreadable = seen.pictures
    .filter(({ index }) => index === null)
    .map(({ seenUs }) => seenUs + toMonotonicUs)
    .filter((seenUs) => seenUs > first.seenUs);
  const unreadableCounted = unreadable.filter((seenUs) => seenUs >= window.fromUs && seenUs < window.untilUs);
  const arrivedUs = [...fresh.map(({ seenUs }) => seenUs), ...unreadable].sort((a, b) => a - b);
  const indices = new Set(counted.map(({ index }) => index));
  const repeated = stamped.filter(({ seenUs }) => seenUs >= window.fromUs && seenUs < window.untilUs).length;
  const stats = seen.stats.filter(({ seenUs }) => {
    const atUs = seenUs + toMonotonicUs;
    return atUs >= window.fromUs && atUs <= window.untilUs;
  });
  const psnr = seen.psnr.filter(({ index }) => indices.has(index)).map(({ psnrDb }) => psnrDb);
  return {
    firstPictureMs: (first.seenUs - offerUs) / 1000,
    fullSizeMs: fullSizeMs(stamped, offerUs, source),
    latencyMs: {
      p50: percentile(latencies, 0.5),
      p95: percentile(latencies, 0.95),
      p99: percentile(latencies, 0.99),
      max: latencies.reduce((most, each) => Math.max(most, each), 0),
    },
    firstLatencyMs: edge(window.fromUs),
    lastLatencyMs: edge(window.untilUs - EDGE_US),
    secondsMs: bySecond(fresh).map((second) => percentile(second.map(latencyMs), 0.5)),
    fps: (counted.length + unreadableCounted.length) / ((window.untilUs - window.fromUs) / 1e6),
    missing: last.index - (counted[0]?.index ?? 0) + 1 - counted.length - unreadableCounted.length,
    repeated: repeated - counted.length,
    unreadable: unreadableCounted.length,
    longestGapMs: longestGapMs(arrivedUs.filter((us) => us >= window.fromUs && us < window.untilUs)),
    longestGapBeforeMs: longestGapMs(arrivedUs.filter((us) => us < window.fromUs)),
    psnrDb: psnr.length > 0 ? psnr.reduce((sum, each) => sum + each, 0) / psnr.length : null,
    worstPsnrDb: psnr.length > 0 ? Math.min(...psnr) : null,
    codec: stats.at(-1)?.codec ?? '',
    width: last.width,
    height: last.height,
    sizeChanges: sizeChanges(counted),
    ...rates(stats),
  };
}

type Stamped = SeenPicture & { timeUs: number; index: number };

function isStamped(picture: SeenPicture): picture is Stamped {
  return picture.timeUs !== null && picture.index !== null;
}

/** Without those that came again: a sender may repeat its last picture. */
function onlyNew(pictures: Stamped[]): Stamped[] {
  let newest = -1;
  return pictures.filter(({ index }) => {
    if (index <= newest) return false;
    newest = index;
    return true;
  });
}

/** The pictures of each second since the first. */
function bySecond(pictures: Stamped[]): Stamped[][] {
  const seconds: Stamped[][] = [];
  const firstUs = pictures[0]?.seenUs ?? 0;
  for (const picture of pictures) {
    const at = Math.floor((picture.seenUs - firstUs) / 1e6);
    while (seconds.length <= at) seconds.push([]);
    seconds[at]?.push(picture);
  }
  return seconds;
}

/** The longest time between two that follow each other, in milliseconds; 0 for fewer than two. */
export function longestGapMs(arrivedUs: readonly number[]): number {
  const gaps = arrivedUs.map((us, at) => us - (arrivedUs[at - 1] ?? us));
  return Math.max(0, ...gaps) / 1000;
}

function fullSizeMs(
  pictures: Stamped[],
  offerUs: number,
  source: { width: number; height: number },
): number | null {
  const smaller = pictures.findLastIndex(
    ({ width, height }) => width !== source.width || height !== source.height,
  );
  const full = pictures[smaller + 1];
  return full ? (full.seenUs - offerUs) / 1000 : null;
}

function sizeChanges(pictures: Stamped[]): number {
  return pictures.filter(({ width, height }, at) => {
    const before = pictures[at - 1];
    return before && (before.width !== width || before.height !== height);
  }).length;
}

function rates(stats: SeenStats[]) {
  const [from, until] = [stats[0], stats.at(-1)];
  const grown = (key: Exclude<keyof SeenStats, 'codec'>) => (until?.[key] ?? 0) - (from?.[key] ?? 0);
  const each = (key: Exclude<keyof SeenStats, 'codec'>, count: number) => (grown(key) / count) * 1000;
  return {
    receivedMbps: (grown('bytesReceived') * 8) / grown('seenUs'),
    jitterBufferMs: each('jitterBufferDelay', grown('jitterBufferEmittedCount')),
    decodeMs: each('totalDecodeTime', grown('framesDecoded')),
    processingMs: each('totalProcessingDelay', grown('framesDecoded')),
    packetsLost: grown('packetsLost'),
    keyFrames: grown('keyFramesDecoded'),
    nacks: grown('nackCount'),
    rtxPackets: grown('retransmittedPacketsReceived'),
    fecPackets: grown('fecPacketsReceived'),
  };
}
