import { type VideoCodec, videoCodec } from '../../protocol/hello.ts';
import type { HostStats } from '../viewer/host-snapshot.ts';
import { watchers } from './rates.ts';

/**
 * Codecs for an observer to ask for, best first: what most viewers are sent comes first, so that nothing is encoded for the
 * observer alone. All others follow, for later.
 */
export function codecsToAsk(stats: HostStats | undefined): string | undefined {
  const used = usedCodecs(stats);
  if (used.length === 0) return undefined;
  return [...used, ...videoCodec.options.filter((codec) => !used.includes(codec))].join(',');
}

/** What the observer is to be switched to; undefined where it is fine as it is. */
export function codecToTake(stats: HostStats, ownId: string | undefined): VideoCodec | undefined {
  const own = stats.viewers.find(({ viewer_id }) => viewer_id === ownId);
  const mine = codecOf(own?.senders.find(({ kind }) => kind === 'video')?.codec);
  const used = usedCodecs(stats);
  return mine === undefined || used.includes(mine) ? undefined : used[0];
}

/** Of the viewers' video, by how many have it. */
function usedCodecs(stats: HostStats | undefined): VideoCodec[] {
  const counts = new Map<VideoCodec, number>();
  for (const { senders } of stats ? watchers(stats) : []) {
    for (const { kind, codec } of senders) {
      const name = kind === 'video' ? codecOf(codec) : undefined;
      if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([name]) => name);
}

/** Of an RTP encoding name; undefined before something is sent. */
function codecOf(name: string | undefined): VideoCodec | undefined {
  return videoCodec.options.find((codec) => codec === name?.toLowerCase());
}
