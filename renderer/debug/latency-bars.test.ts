import { expect, test } from 'vitest';
import type { HostStats } from '../viewer/host-snapshot.ts';
import { waysOf } from './latency-bars.ts';

const spread = (p50: number) => ({ p50, p95: 0, p99: 0 });

test('a way has the stages that are known, and this screen last', () => {
  const stats = {
    tracks: [{ name: 'main_video', hand_over_ms: spread(3) }],
    shared_encoders: [
      {
        track: 'main_video',
        codec: 'h264',
        convert_ms: spread(1),
        hand_over_ms: spread(2),
        queue_ms: spread(0.5),
        encode_ms: spread(7),
        send_ms: null,
      },
    ],
    viewers: [
      { viewer_id: 'a', senders: [{ name: 'main_video', kind: 'video', encoder: 'shared', codec: 'H264' }] },
      {
        viewer_id: 'b',
        senders: [{ name: 'main_video', kind: 'video', encoder: 'native', codec: 'VP9', encode_ms: 9 }],
      },
    ],
  } as unknown as HostStats;
  const ways = waysOf(stats, new Map([['main_video H264', 20]]));
  expect(ways.map(({ label, stages }) => [label, stages.map(({ name, ms }) => [name, ms])])).toEqual([
    [
      'main_video · H.264',
      [
        ['convert', 1],
        ['hand-over', 2],
        ['queue', 0.5],
        ['encode', 7],
        ['deliver', 12.5],
      ],
    ],
    [
      'main_video · VP9 of b',
      [
        ['hand-over', 3],
        ['encode', 9],
      ],
    ],
  ]);
  expect(waysOf({ ...stats, shared_encoders: [], viewers: [] }, new Map())).toEqual([]);
});
