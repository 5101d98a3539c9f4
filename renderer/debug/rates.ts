import type { HostStats } from '../viewer/host-snapshot.ts';
import type { Sample } from './sample-window.ts';

type Sender = HostStats['viewers'][number]['senders'][number];

/**
 * What a counter went up by in a second, between two samples; null where one of them lacks it, or where it began anew (another
 * encoder page, another encoder).
 */
export function perSecond(
  before: Sample | undefined,
  now: Sample,
  read: (stats: HostStats) => number | null | undefined,
): number | null {
  const seconds = before ? (now.time_ms - before.time_ms) / 1000 : 0;
  const one = before ? read(before.stats) : undefined;
  const other = read(now.stats);
  if (one == null || other == null || other < one || seconds <= 0) return null;
  return (other - one) / seconds;
}

/** A number for each pair of neighbours; the first has none. */
export function seriesOf(
  samples: readonly Sample[],
  read: (now: Sample, before: Sample | undefined) => number | null,
): (number | null)[] {
  return samples.map((sample, at) => read(sample, samples[at - 1]));
}

export function trackOf(stats: HostStats, name: string): HostStats['tracks'][number] | undefined {
  return stats.tracks.find((each) => each.name === name);
}

export function viewerOf(stats: HostStats, id: string): HostStats['viewers'][number] | undefined {
  return stats.viewers.find(({ viewer_id }) => viewer_id === id);
}

/** Everybody but those who only look on, as this page does. */
export function watchers(stats: HostStats): HostStats['viewers'] {
  return stats.viewers.filter(({ observer }) => !observer);
}

/** The sum over a viewer's senders; null where none of them tells. */
export function sumOf(
  senders: readonly Sender[],
  read: (sender: Sender) => number | null | undefined,
): number | null {
  const known = senders.map(read).filter((value) => value != null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** The share of a viewer's packets that got lost between two samples, from 0 to 1. */
export function lossShare(before: Sample | undefined, now: Sample, id: string): number | null {
  const of = (read: (sender: Sender) => number | null) =>
    perSecond(before, now, (stats) => sumOf(viewerOf(stats, id)?.senders ?? [], read));
  const sent = of(({ packets_sent }) => packets_sent);
  const lost = of(({ packets_lost }) => packets_lost);
  return sent === null || lost === null || sent === 0 ? null : Math.min(1, lost / sent);
}
