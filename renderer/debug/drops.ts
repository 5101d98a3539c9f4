import type { HostStats } from '../viewer/host-snapshot.ts';
import { trackOf, watchers } from './rates.ts';
import type { Sample } from './sample-window.ts';

/** Something that did not reach a viewer, and where it was left out. */
export interface Drop {
  track: string;
  where: string;
  /** Since the counter began. */
  count: number;
  /** In the last seconds; null where that is not known. */
  lately: number | null;
  unit: 'pictures' | 'ms';
}

/** All that was left out, by track and place. What never happened is not listed. */
export function dropsOf(before: Sample | undefined, now: Sample): Drop[] {
  const list: Drop[] = [];
  const add = (track: string, where: string, unit: Drop['unit'], read: (stats: HostStats) => number) => {
    const count = read(now.stats);
    if (count === 0) return;
    const earlier = before ? read(before.stats) : undefined;
    const lately = earlier === undefined || earlier > count ? null : count - earlier;
    list.push({ track, where, count, lately, unit });
  };
  for (const { name, kind } of now.stats.tracks) {
    const sound = kind === 'audio';
    add(
      name,
      sound ? 'silence filled in, no sound came' : 'a newer picture came before it was handed over',
      sound ? 'ms' : 'pictures',
      (stats) => trackOf(stats, name)?.dropped ?? 0,
    );
    add(
      name,
      'no encoder page was there, or it did not keep up',
      'pictures',
      (stats) => stats.routed[name]?.discarded ?? 0,
    );
    if (sound) continue;
    add(
      name,
      'a newer picture came before Python had sent it',
      'pictures',
      (stats) => stats.routed[name]?.dropped ?? 0,
    );
    const ofEncoders = (read: (encoder: NonNullable<HostStats['shared_encoders']>[number]) => number) => {
      return (stats: HostStats) =>
        (stats.shared_encoders ?? [])
          .filter(({ track }) => track === name)
          .reduce((sum, encoder) => sum + read(encoder), 0);
    };
    add(
      name,
      'a newer picture came while the encoder was busy',
      'pictures',
      ofEncoders(({ skipped }) => skipped),
    );
    add(
      name,
      'the encoder made nothing of it',
      'pictures',
      ofEncoders(({ dropped }) => dropped),
    );
    const ofSenders = (read: (sender: HostStats['viewers'][number]['senders'][number]) => number) => {
      return (stats: HostStats) =>
        watchers(stats)
          .flatMap(({ senders }) => senders)
          .filter((sender) => sender.name === name)
          .reduce((sum, sender) => sum + read(sender), 0);
    };
    add(
      name,
      'not sent to a viewer: superseded, or before its first key frame',
      'pictures',
      ofSenders(({ sharing }) => sharing?.skipped ?? 0),
    );
    add(
      name,
      'a stand-in got lost in its encoder',
      'pictures',
      ofSenders(({ sharing }) => sharing?.stand_ins_lost ?? 0),
    );
  }
  const ofChannels = (stats: HostStats) =>
    watchers(stats).reduce((sum, { channel }) => sum + (channel?.dropped ?? 0), 0);
  add('data channel', 'a message that a viewer was too slow for', 'pictures', ofChannels);
  return list;
}
