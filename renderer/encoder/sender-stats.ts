import type { SenderStats, ViewerStats } from '../../protocol/stats.ts';
import { isHardwareName } from './hardware.ts';

/** One entry of RTCStatsReport, of whatever type; fields that this browser lacks are undefined. */
export type StatsEntry = { id: string; type: string; timestamp: number } & Record<string, unknown>;

/** Counters of the last report, by id of the entry, to make rates of them. */
export type Counters = ReadonlyMap<string, StatsEntry>;

export type ConnectionStats = Omit<ViewerStats, 'viewer_id' | 'state' | 'channel'>;

/**
 * Reads what matters out of a viewer's `getStats()`. Rates and means are over the time since `before`.
 *
 * Source: https://www.w3.org/TR/webrtc-stats/ (RTCOutboundRtpStreamStats, RTCRemoteInboundRtpStreamStats)
 *
 * @param nameByMid the track behind each m-line
 */
export function readSenders(
  report: ReadonlyMap<string, StatsEntry>,
  before: Counters,
  nameByMid: ReadonlyMap<string, string>,
): ConnectionStats {
  const entries = [...report.values()];
  const transport = entries.find(({ type }) => type === 'transport');
  const pair = report.get(String(transport?.selectedCandidatePairId));
  return {
    available_outgoing_bitrate_bps: number(pair?.availableOutgoingBitrate),
    round_trip_time_ms: milliseconds(number(pair?.currentRoundTripTime)),
    senders: entries
      .filter(({ type }) => type === 'outbound-rtp')
      .flatMap((entry) => {
        const name = nameByMid.get(String(entry.mid));
        return name === undefined ? [] : [readSender(name, entry, report, before.get(entry.id))];
      }),
  };
}

function readSender(
  name: string,
  entry: StatsEntry,
  report: ReadonlyMap<string, StatsEntry>,
  before: StatsEntry | undefined,
): SenderStats {
  const remote = report.get(String(entry.remoteId));
  const seconds = before ? (entry.timestamp - before.timestamp) / 1000 : 0;
  const grown = (field: string) => {
    const now = number(entry[field]);
    const then = number(before?.[field]);
    return now === null || then === null || now < then ? null : now - then;
  };
  const per = (total: string, count: string) => {
    const [sum, parts] = [grown(total), grown(count)];
    return sum === null || !parts ? null : (sum / parts) * 1000;
  };
  const bytes = grown('bytesSent');
  const implementation = typeof entry.encoderImplementation === 'string' ? entry.encoderImplementation : null;
  const isPowerEfficient =
    typeof entry.powerEfficientEncoder === 'boolean' ? entry.powerEfficientEncoder : null;
  return {
    name,
    kind: entry.kind === 'audio' ? 'audio' : 'video',
    codec: encodingName(report, entry),
    implementation,
    hardware: entry.kind === 'video' ? isHardwareName(implementation, isPowerEfficient) : null,
    width: number(entry.frameWidth),
    height: number(entry.frameHeight),
    fps: number(entry.framesPerSecond),
    bitrate_bps: bytes === null || seconds <= 0 ? null : Math.round((bytes * 8) / seconds),
    target_bitrate_bps: number(entry.targetBitrate),
    encode_ms: per('totalEncodeTime', 'framesEncoded'),
    send_delay_ms: per('totalPacketSendDelay', 'packetsSent'),
    frames_encoded: number(entry.framesEncoded),
    key_frames: number(entry.keyFramesEncoded),
    packets_sent: number(entry.packetsSent),
    bytes_sent: number(entry.bytesSent),
    packets_lost: atLeastZero(number(remote?.packetsLost)),
    retransmitted_packets: number(entry.retransmittedPacketsSent),
    retransmitted_bytes: number(entry.retransmittedBytesSent),
    nack_count: number(entry.nackCount),
    pli_count: number(entry.pliCount),
    fir_count: number(entry.firCount),
    round_trip_time_ms: milliseconds(number(remote?.roundTripTime)),
    jitter_ms: milliseconds(number(remote?.jitter)),
    fraction_lost: number(remote?.fractionLost),
    quality_limitation:
      typeof entry.qualityLimitationReason === 'string' ? entry.qualityLimitationReason : null,
    ...limitationSeconds(entry.qualityLimitationDurations),
  };
}

/** Chromium gives them as an object, and only for video. */
function limitationSeconds(durations: unknown): Pick<SenderStats, 'quality_limitation_s'> {
  if (typeof durations !== 'object' || durations === null) return {};
  const known = Object.entries(durations).filter(([, seconds]) => (number(seconds) ?? -1) >= 0);
  return { quality_limitation_s: Object.fromEntries(known) };
}

/** A report by the ids of its entries, which refer to each other. */
export function statsEntries(report: RTCStatsReport): Map<string, StatsEntry> {
  const entries = new Map<string, StatsEntry>();
  report.forEach((entry: StatsEntry, id) => {
    entries.set(id, entry);
  });
  return entries;
}

/** The RTP encoding name (`VP9`) of a stream; empty before it has one. */
export function encodingName(report: ReadonlyMap<string, StatsEntry>, { codecId }: StatsEntry): string {
  return String(report.get(String(codecId))?.mimeType ?? '').replace(/^.*\//, '');
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}

/** Duplicates make it negative (RFC 3550 section 6.4.1). */
function atLeastZero(value: number | null): number | null {
  return value === null ? null : Math.max(0, value);
}
