import { expect, test } from 'vitest';
import type { HostStats } from '../viewer/host-snapshot.ts';
import { lossShare, perSecond, seriesOf } from './rates.ts';
import type { Sample } from './sample-window.ts';
import { SampleWindow } from './sample-window.ts';

function sample(time_ms: number, received: number, packets = { sent: 0, lost: 0 }): Sample {
  const senders = [{ name: 'main_video', packets_sent: packets.sent, packets_lost: packets.lost }];
  const stats = { tracks: [{ name: 'main_video', received }], viewers: [{ viewer_id: 'a', senders }] };
  return { time_ms, stats: stats as unknown as HostStats };
}

const received = (stats: HostStats) => stats.tracks[0]?.received;

test('a counter becomes a rate by the time that passed', () => {
  expect(perSecond(sample(1000, 10), sample(3000, 70), received)).toBe(30);
});

test.each([
  ['nothing before', undefined, sample(2000, 70)],
  ['it began anew', sample(1000, 70), sample(2000, 10)],
  ['no time passed', sample(1000, 10), sample(1000, 20)],
])('no rate: %s', (_why, before, now) => {
  expect(perSecond(before, now, received)).toBeNull();
});

test('a series has a rate for each second, and a gap where the counter began anew', () => {
  const samples = [sample(1000, 10), sample(2000, 40), sample(3000, 5), sample(4000, 35)];
  expect(seriesOf(samples, (now, before) => perSecond(before, now, received))).toEqual([null, 30, null, 30]);
});

test('the loss is that of the time between', () => {
  const before = sample(1000, 0, { sent: 1000, lost: 500 });
  expect(lossShare(before, sample(2000, 0, { sent: 1200, lost: 510 }), 'a')).toBeCloseTo(0.05);
  expect(lossShare(before, before, 'a')).toBeNull();
  expect(lossShare(before, sample(2000, 0, { sent: 1200, lost: 510 }), 'b')).toBeNull();
});

test('two minutes are kept; what was before the page was opened comes first, once', () => {
  const window = new SampleWindow();
  expect(window.before(10_000)).toBeUndefined();
  window.add(sample(100_000, 1));
  window.add(sample(101_000, 2));
  window.begin([sample(98_000, 0), sample(99_000, 0), sample(100_000, 1)]);
  expect(window.samples.map(({ time_ms }) => time_ms)).toEqual([98_000, 99_000, 100_000, 101_000]);
  expect(window.before(2000)?.time_ms).toBe(99_000);
  expect(window.before(60_000)?.time_ms).toBe(98_000);
  window.add(sample(219_500, 3));
  expect(window.samples.map(({ time_ms }) => time_ms)).toEqual([100_000, 101_000, 219_500]);
});
