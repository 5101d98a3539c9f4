import { describe, expect, test } from 'vitest';
import { endToEnd, FrameLatency, latencyWords } from './latency.ts';

describe('FrameLatency', () => {
  test('the median of the last two seconds', () => {
    const latency = new FrameLatency();
    expect(latency.medianMs(0)).toBeNull();
    for (const [shownMs, ms] of [
      [1000, 500],
      [3100, 20],
      [3200, 30],
      [3300, 90],
    ] as const) {
      latency.add(shownMs - ms, shownMs);
    }
    expect(latency.medianMs(3300)).toBe(30);
    expect(latency.medianMs(5250)).toBe(90);
    expect(latency.medianMs(9000)).toBeNull();
    expect(latency.isMeasured).toBe(true);
    latency.clear();
    expect(latency.isMeasured).toBe(false);
  });

  test('stamps of another clock are left out', () => {
    const latency = new FrameLatency();
    latency.add(1010, 1000);
    latency.add(-1e9, 1000);
    latency.add(Number.NaN, 1000);
    expect(latency.medianMs(1000)).toBeNull();
    expect(latency.isMeasured).toBe(false);
  });
});

describe('endToEnd', () => {
  const nothing = { handOverMs: null, frameMs: null, roundTripMs: null, processingMs: null, encodeMs: null };
  test.each([
    ['nothing known', nothing, null],
    ['the host alone is not end to end', { ...nothing, handOverMs: 5 }, null],
    [
      'all parts',
      { handOverMs: 5, frameMs: 20, roundTripMs: 100, processingMs: 7, encodeMs: 30 },
      { totalMs: 25, handOverMs: 5, deliveryMs: 20, isEstimated: false },
    ],
    [
      'estimated where frames carry no capture time',
      { handOverMs: 5, frameMs: null, roundTripMs: 10, processingMs: 7, encodeMs: 30 },
      { totalMs: 47, handOverMs: 5, deliveryMs: 42, isEstimated: true },
    ],
    [
      'no estimate without the time of encoding',
      { handOverMs: 5, frameMs: null, roundTripMs: 10, processingMs: 7, encodeMs: null },
      null,
    ],
    [
      'without the host',
      { ...nothing, frameMs: 20 },
      { totalMs: 20, handOverMs: null, deliveryMs: 20, isEstimated: false },
    ],
  ])('%s', (_, parts, expected) => {
    expect(endToEnd(parts)).toEqual(expected);
  });
});

test('latencyWords: says what is in the figure and what is not', () => {
  const words = (parts: Partial<Parameters<typeof endToEnd>[0]>) =>
    latencyWords(
      endToEnd({
        handOverMs: null,
        frameMs: null,
        roundTripMs: null,
        processingMs: null,
        encodeMs: null,
        ...parts,
      }),
    );
  expect(words({})).toContain('Measured once');
  expect(words({ handOverMs: 4.25, frameMs: 20 })).toMatch(
    /^4\.3 ms inside the host.*20 ms from the encoder/,
  );
  expect(words({ roundTripMs: 2, processingMs: 7, encodeMs: 12 })).toMatch(/not known yet.*20 ms estimated/);
});
