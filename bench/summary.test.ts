import { describe, expect, it } from 'vitest';
import { percentile, summarize } from './summary.ts';
import type { Seen, SeenPicture, SeenStats } from './viewer-page.ts';

// The viewer's clock began 5 s after CLOCK_MONOTONIC.
const TO_MONOTONIC_US = 5_000_000;
const SOURCE = { width: 1280, height: 720 };
const WINDOW = { fromUs: 6_000_000, untilUs: 7_000_000 };

/** Picture `index` is drawn at 5.5 s and every 33 ms after, and decoded `latencyMs` later. */
function picture(index: number, latencyMs = 20, width = 1280): SeenPicture {
  const timeUs = 5_500_000 + index * 33_000;
  const seenUs = timeUs + latencyMs * 1000 - TO_MONOTONIC_US;
  return { seenUs, timeUs, index, width, height: (width * 9) / 16, rtpTimestamp: null };
}

function stats(seenUs: number, factor: number): SeenStats {
  return {
    seenUs,
    codec: 'H264',
    bytesReceived: 500_000 * factor,
    framesDecoded: 30 * factor,
    framesDropped: 0,
    packetsLost: factor,
    keyFramesDecoded: factor,
    nackCount: 0,
    retransmittedPacketsReceived: 0,
    fecPacketsReceived: 0,
    freezeCount: 0,
    jitterBufferDelay: 0.3 * factor,
    jitterBufferEmittedCount: 30 * factor,
    totalDecodeTime: 0.06 * factor,
    totalProcessingDelay: 0.15 * factor,
  };
}

const run: Seen = {
  pictures: [
    { seenUs: 480_000, timeUs: null, index: null, width: 1280, height: 720, rtpTimestamp: null },
    picture(0, 20, 640),
    ...Array.from({ length: 60 }, (_, at) => picture(at + 1)),
  ],
  stats: [stats(1_000_000, 1), stats(2_000_000, 2)],
  receipts: [],
  psnr: [
    { index: 10, psnrDb: 10 },
    { index: 20, psnrDb: 44 },
    { index: 30, psnrDb: 46 },
  ],
};

describe('percentile', () => {
  it('takes the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([0.5, 0.95, 0.99, 1].map((fraction) => percentile(values, fraction))).toEqual([50, 95, 99, 100]);
    expect(percentile([7], 0.99)).toBe(7);
  });
});

describe('summarize', () => {
  const summary = summarize(run, TO_MONOTONIC_US, 5_400_000, WINDOW, SOURCE);

  it('times the start from the offer: first picture that can be read, and full size from there on', () => {
    expect(summary.firstPictureMs).toBe(120);
    expect(summary.fullSizeMs).toBe(153);
  });

  it('counts latency, rate and gaps in the window', () => {
    expect(summary.latencyMs).toEqual({ p50: 20, p95: 20, p99: 20, max: 20 });
    expect(summary.fps).toBe(30);
    expect(summary).toMatchObject({ missing: 0, repeated: 0, unreadable: 0, sizeChanges: 0 });
    expect(summary.longestGapMs).toBe(33);
  });

  it('takes quality from the pictures of the window only', () => {
    expect(summary.psnrDb).toBe(45);
    expect(summary.worstPsnrDb).toBe(44);
  });

  it('takes rates and means from the difference of the first and the last statistics', () => {
    expect(summary).toMatchObject({ receivedMbps: 4, codec: 'H264', packetsLost: 1, keyFrames: 1 });
    expect(summary.jitterBufferMs).toBeCloseTo(10, 9);
    expect(summary.decodeMs).toBeCloseTo(2, 9);
    expect(summary.processingMs).toBeCloseTo(5, 9);
  });

  it('tells what is missing, what came again, and what came late', () => {
    const broken = run.pictures.filter(({ index }) => index === null || index < 25 || index > 27);
    const again = { ...picture(30), seenUs: picture(30).seenUs + 1000 };
    const pictures = [...broken, again].sort((a, b) => a.seenUs - b.seenUs);
    const result = summarize({ ...run, pictures }, TO_MONOTONIC_US, 5_400_000, WINDOW, SOURCE);
    expect(result).toMatchObject({ missing: 3, repeated: 1, longestGapMs: 132 });
  });

  it('tells a picture whose stamp is damaged from one that never came', () => {
    const pictures = run.pictures.map((each) =>
      each.index === 30 ? { ...each, index: null, timeUs: null } : each,
    );
    const result = summarize({ ...run, pictures }, TO_MONOTONIC_US, 5_400_000, WINDOW, SOURCE);
    expect(result).toMatchObject({ missing: 0, unreadable: 1, fps: 30, longestGapMs: 33 });
  });

  it('has no full size when the last picture is smaller', () => {
    const pictures = [...run.pictures, picture(61, 20, 640)];
    const result = summarize({ ...run, pictures }, TO_MONOTONIC_US, 5_400_000, WINDOW, SOURCE);
    expect(result.fullSizeMs).toBeNull();
  });

  it('refuses a run without a picture', () => {
    const empty: Seen = { pictures: [], stats: [], psnr: [], receipts: [] };
    expect(() => summarize(empty, 0, 0, WINDOW, SOURCE)).toThrow('no picture came');
  });
});
