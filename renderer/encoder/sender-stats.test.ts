import { expect, test } from 'vitest';
import { readSenders, type StatsEntry } from './sender-stats.ts';

function report(atMs: number, scale: number): Map<string, StatsEntry> {
  const entries: StatsEntry[] = [
    { id: 'T', type: 'transport', timestamp: atMs, selectedCandidatePairId: 'P' },
    {
      id: 'P',
      type: 'candidate-pair',
      timestamp: atMs,
      availableOutgoingBitrate: 3_000_000,
      currentRoundTripTime: 0.0215,
    },
    { id: 'C', type: 'codec', timestamp: atMs, mimeType: 'video/VP9' },
    {
      id: 'R',
      type: 'remote-inbound-rtp',
      timestamp: atMs,
      packetsLost: -1,
      roundTripTime: 0.04,
      jitter: 0.0015,
      fractionLost: 0.25,
    },
    {
      id: 'V',
      type: 'outbound-rtp',
      kind: 'video',
      mid: '0',
      timestamp: atMs,
      codecId: 'C',
      remoteId: 'R',
      bytesSent: 125_000 * scale,
      packetsSent: 100 * scale,
      totalPacketSendDelay: 0.2 * scale,
      framesEncoded: 30 * scale,
      totalEncodeTime: 0.3 * scale,
      frameWidth: 1280,
      frameHeight: 720,
      framesPerSecond: 30,
      encoderImplementation: 'libvpx',
      qualityLimitationReason: 'none',
      qualityLimitationDurations: { none: 2.5, cpu: 0.5, odd: Number.NaN },
      retransmittedBytesSent: 1200,
      firCount: 0,
    },
    { id: 'X', type: 'outbound-rtp', kind: 'video', mid: '7', timestamp: atMs },
  ];
  return new Map(entries.map((entry) => [entry.id, entry]));
}

test('rates are over the time since the last report', () => {
  const names = new Map([['0', 'main_video']]);
  const read = readSenders(report(3000, 3), report(1000, 1), names);
  expect(read.available_outgoing_bitrate_bps).toBe(3_000_000);
  expect(read.round_trip_time_ms).toBeCloseTo(21.5);
  expect(read.senders).toHaveLength(1);
  expect(read.senders[0]).toMatchObject({
    name: 'main_video',
    kind: 'video',
    codec: 'VP9',
    implementation: 'libvpx',
    width: 1280,
    height: 720,
    bitrate_bps: 1_000_000,
    frames_encoded: 90,
    packets_lost: 0,
    nack_count: null,
    fir_count: 0,
    bytes_sent: 375_000,
    retransmitted_bytes: 1200,
    round_trip_time_ms: 40,
    jitter_ms: 1.5,
    fraction_lost: 0.25,
    quality_limitation_s: { none: 2.5, cpu: 0.5 },
  });
  expect(read.senders[0]?.encode_ms).toBeCloseTo(10);
  expect(read.senders[0]?.send_delay_ms).toBeCloseTo(2);
});

test('the first report has counters and no rates', () => {
  const { senders } = readSenders(report(1000, 1), new Map(), new Map([['0', 'main_video']]));
  expect(senders[0]).toMatchObject({ bitrate_bps: null, encode_ms: null, send_delay_ms: null, fps: 30 });
});

test('an empty report is no error', () => {
  expect(readSenders(new Map(), new Map(), new Map())).toEqual({
    available_outgoing_bitrate_bps: null,
    round_trip_time_ms: null,
    senders: [],
  });
});
