import { describe, expect, test } from 'vitest';
import type { VideoTrack } from '../../protocol/track.ts';
import { connectionLimits, priorityOf, trackLimits } from './track-limits.ts';

const host = { start_bitrate_bps: 4_000_000, min_bitrate_bps: 500_000, max_bitrate_bps: 10_000_000 };
const video = (own: Partial<VideoTrack> = {}): VideoTrack => ({ kind: 'video', name: 'x', fps: 30, ...own });
const mbps = ({ startBps, minBps, maxBps }: ReturnType<typeof trackLimits>) =>
  [minBps, startBps, maxBps].map((bps) => bps / 1e6);

describe('limits of a track: least, start and most in Mbps', () => {
  test.each<[string, Partial<VideoTrack>, number[]]>([
    ["the host's where it has none", {}, [0.5, 4, 10]],
    ['its own maximum, which the start keeps to', { max_bitrate_bps: 2_000_000 }, [0.5, 2, 2]],
    ["its own maximum under the host's minimum", { max_bitrate_bps: 100_000 }, [0.1, 0.1, 0.1]],
    ["no maximum above the host's", { max_bitrate_bps: 50_000_000 }, [0.5, 4, 10]],
    ['a minimum below or above', { min_bitrate_bps: 5_000_000 }, [5, 5, 10]],
    ['its own start', { min_bitrate_bps: 100_000, start_bitrate_bps: 300_000 }, [0.1, 0.3, 10]],
  ])('%s', (_name, own, expected) => {
    expect(mbps(trackLimits(host, video(own)))).toEqual(expected);
  });
});

describe('limits of a connection', () => {
  test('two small tracks have both of their maxima, and begin as the larger one', () => {
    const tracks = [video({ max_bitrate_bps: 1_000_000 }), video({ max_bitrate_bps: 2_000_000 })];
    expect(mbps(connectionLimits(host, tracks))).toEqual([0.5, 2, 3]);
  });
  test("never above the host's", () => {
    expect(mbps(connectionLimits(host, [video(), video()]))).toEqual([0.5, 4, 10]);
  });
  test("the host's for sound alone", () => {
    const audio = { kind: 'audio', name: 'a', sample_rate: 48_000, channels: 2 } as const;
    expect(mbps(connectionLimits(host, [audio]))).toEqual([0.5, 4, 10]);
  });
});

test('weights become the nearest of the four priorities', () => {
  const priorities = [0.01, 0.25, 0.4, 0.5, 1, 1.3, 2, 100].map((weight) => priorityOf(video({ weight })));
  expect(priorities.join(' ')).toBe('very-low very-low low low medium medium high high');
  expect(priorityOf(video())).toBe('medium');
});
