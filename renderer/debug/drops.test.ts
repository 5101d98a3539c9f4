import { expect, test } from 'vitest';
import type { HostStats } from '../viewer/host-snapshot.ts';
import { dropsOf } from './drops.ts';

function stats(counts: {
  superseded: number;
  silence: number;
  skipped: number;
  lost: number;
  python?: number;
}): HostStats {
  const sharing = { skipped: 0, stand_ins_lost: counts.lost };
  return {
    routed: {
      main_video: { discarded: 0, dropped: counts.python ?? 0 },
      main_audio: { discarded: 0, dropped: 0 },
    },
    tracks: [
      { name: 'main_video', kind: 'video', dropped: counts.superseded },
      { name: 'main_audio', kind: 'audio', dropped: counts.silence },
    ],
    viewers: [
      { viewer_id: 'a', senders: [{ name: 'main_video', sharing }], channel: { dropped: 0 } },
      { viewer_id: 'b', senders: [{ name: 'main_video', sharing }] },
      {
        viewer_id: 'me',
        observer: true,
        senders: [{ name: 'main_video', sharing: { skipped: 99, stand_ins_lost: 99 } }],
      },
    ],
    shared_encoders: [
      { track: 'main_video', skipped: counts.skipped, dropped: 0 },
      { track: 'main_video', skipped: counts.skipped, dropped: 0 },
      { track: 'second_video', skipped: 1000, dropped: 0 },
    ],
  } as unknown as HostStats;
}

test('what was left out is counted by place, all encoders and viewers together, without those who look on', () => {
  const before = { time_ms: 1000, stats: stats({ superseded: 5, silence: 100, skipped: 10, lost: 1 }) };
  const now = {
    time_ms: 2000,
    stats: stats({ superseded: 5, silence: 180, skipped: 4, lost: 3, python: 7 }),
  };
  const rows = dropsOf(before, now).map(({ track, count, lately, unit }) => [track, count, lately, unit]);
  expect(rows).toEqual([
    ['main_video', 5, 0, 'pictures'],
    ['main_video', 7, 7, 'pictures'],
    // Fewer than before: an encoder ended, and took its count with it.
    ['main_video', 8, null, 'pictures'],
    ['main_video', 6, 4, 'pictures'],
    ['main_audio', 180, 80, 'ms'],
  ]);
  expect(dropsOf(undefined, now).every(({ lately }) => lately === null)).toBe(true);
});

test('what never happened is not listed', () => {
  const none = { time_ms: 1, stats: stats({ superseded: 0, silence: 0, skipped: 0, lost: 0 }) };
  expect(dropsOf(none, none)).toEqual([]);
});
