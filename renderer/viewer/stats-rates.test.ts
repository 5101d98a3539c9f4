import { describe, expect, test } from 'vitest';
import { type ReceiverReading, readReceiver, receiverRates } from './stats-rates.ts';

// As Chromium 156 reports one video receiver, shortened.
const REPORT = [
  { type: 'codec', id: 'CIT01_98', mimeType: 'video/VP9' },
  { type: 'transport', id: 'T01', selectedCandidatePairId: 'CP2' },
  { type: 'candidate-pair', id: 'CP1', state: 'succeeded', nominated: true, currentRoundTripTime: 9 },
  { type: 'candidate-pair', id: 'CP2', state: 'succeeded', nominated: true, currentRoundTripTime: 0.012 },
  {
    type: 'inbound-rtp',
    id: 'IT01V1',
    kind: 'video',
    codecId: 'CIT01_98',
    frameWidth: 1280,
    frameHeight: 720,
    bytesReceived: 1_000_000,
    packetsReceived: 1000,
    packetsLost: -1,
    framesReceived: 301,
    framesDecoded: 300,
    framesDropped: 2,
    totalProcessingDelay: 3,
    freezeCount: 1,
  },
];

describe('readReceiver', () => {
  test('takes codec, size, counters and the round trip of the path in use', () => {
    expect(readReceiver(REPORT, 5000)).toEqual({
      atMs: 5000,
      streamId: 'IT01V1',
      codec: 'VP9',
      width: 1280,
      height: 720,
      bytes: 1_000_000,
      packets: 1000,
      packetsLost: -1,
      framesReceived: 301,
      framesDecoded: 300,
      framesDropped: 2,
      processingS: 3,
      freezes: 1,
      samples: null,
      concealedSamples: null,
      roundTripMs: 12,
    });
  });

  test('null before the stream has begun', () => {
    expect(readReceiver(REPORT.slice(0, 4), 5000)).toBeNull();
  });

  test('a browser that tells little gives nulls', () => {
    const reading = readReceiver([{ type: 'inbound-rtp', id: 'a', bytesReceived: 5 }], 1);
    expect(reading).toMatchObject({
      codec: null,
      width: null,
      framesDecoded: null,
      roundTripMs: null,
      bytes: 5,
    });
  });
});

describe('receiverRates', () => {
  const before = readReceiver(REPORT, 5000) as ReceiverReading;
  const later = (change: Partial<ReceiverReading>): ReceiverReading => ({ ...before, atMs: 7000, ...change });

  test('rates over the time between', () => {
    const now = later({
      bytes: 2_000_000,
      framesDecoded: 360,
      processingS: 3.6,
      packets: 1090,
      packetsLost: 9,
    });
    expect(receiverRates(before, now)).toMatchObject({ fps: 30, bitrateBps: 4_000_000, loss: 0.1 });
    expect(receiverRates(before, now).processingMs).toBeCloseTo(10);
  });

  test('no packet and no frame between: no shares of nothing', () => {
    expect(receiverRates(before, later({}))).toMatchObject({
      fps: 0,
      bitrateBps: 0,
      loss: null,
      processingMs: null,
    });
  });

  test('a packet found again is no negative loss', () => {
    expect(receiverRates(before, later({ packets: 1010, packetsLost: -3 })).loss).toBe(0);
  });

  test('of sound, the share that was invented', () => {
    const sound = { ...before, samples: 48_000, concealedSamples: 480 };
    const now = later({ samples: 144_000, concealedSamples: 2400 });
    expect(receiverRates(sound, now).concealed).toBeCloseTo(0.02);
    expect(receiverRates(before, later({})).concealed).toBeNull();
  });

  test.each([
    ['without an earlier reading', null, later({})],
    ['of another stream', before, later({ streamId: 'other' })],
    ['at the same time', before, later({ atMs: 5000 })],
  ])('%s: only what is no rate', (_, first, now) => {
    expect(receiverRates(first, now)).toMatchObject({
      codec: 'VP9',
      width: 1280,
      fps: null,
      bitrateBps: null,
    });
  });
});
