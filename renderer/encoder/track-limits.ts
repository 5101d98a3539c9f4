import type { MediaSettings } from '../../protocol/hello.ts';
import type { Track } from '../../protocol/track.ts';

/** In bits per second. */
export interface RateLimits {
  startBps: number;
  minBps: number;
  maxBps: number;
}

/** What a connection is never taken for less than: a picture of some kind and sound. The minimum of a track is for links that carry it. */
export const LEAST_LINK_BPS = 100_000;

export type HostLimits = Pick<MediaSettings, 'start_bitrate_bps' | 'min_bitrate_bps' | 'max_bitrate_bps'>;

/** What one video track may take: its own limits where it has some, never above the host's maximum. */
export function trackLimits(host: HostLimits, track: Track): RateLimits {
  const own = track.kind === 'video' ? track : undefined;
  const maxBps = Math.min(host.max_bitrate_bps, own?.max_bitrate_bps ?? Number.POSITIVE_INFINITY);
  const minBps = Math.min(own?.min_bitrate_bps ?? host.min_bitrate_bps, maxBps);
  const startBps = Math.min(maxBps, Math.max(minBps, own?.start_bitrate_bps ?? host.start_bitrate_bps));
  return { startBps, minBps, maxBps };
}

/**
 * What a connection with these tracks may take in all. It begins as its most demanding track would alone: what several need
 * together is not known to fit.
 */
export function connectionLimits(host: HostLimits, tracks: readonly Track[]): RateLimits {
  const all = tracks.filter(({ kind }) => kind === 'video').map((track) => trackLimits(host, track));
  if (all.length === 0) {
    const { start_bitrate_bps: startBps, min_bitrate_bps: minBps, max_bitrate_bps: maxBps } = host;
    return { startBps, minBps, maxBps };
  }
  return {
    startBps: Math.max(...all.map(({ startBps }) => startBps)),
    minBps: Math.max(...all.map(({ minBps }) => minBps)),
    maxBps: Math.min(
      host.max_bitrate_bps,
      all.reduce((sum, { maxBps }) => sum + maxBps, 0),
    ),
  };
}

/** Chromium shares a link by these: each gets half of the next (`bitrate_priority` 0.5, 1, 2, 4 in rtp_sender.cc). */
const PRIORITIES: readonly RTCPriorityType[] = ['very-low', 'low', 'medium', 'high'];
const MEDIUM = 2;

/** The priority that is nearest to a track's weight, 1 being `medium`. */
export function priorityOf(track: Track): RTCPriorityType {
  const weight = track.kind === 'video' ? (track.weight ?? 1) : 1;
  const at = Math.min(PRIORITIES.length - 1, Math.max(0, MEDIUM + Math.round(Math.log2(weight))));
  return PRIORITIES[at] ?? 'medium';
}
