import { expect, test } from 'vitest';
import type { Track } from '../../protocol/track.ts';
import { parseSdp } from './sdp-sections.ts';
import { matchTracks, selectTracks } from './track-match.ts';

const TRACKS: Track[] = [
  { kind: 'video', name: 'one', fps: 30 },
  { kind: 'video', name: 'two', fps: 30 },
  { kind: 'audio', name: 'sound', sample_rate: 48_000, channels: 2 },
];

/** `v` video, `a` audio, `d` data; `-` behind it inactive, `>` sendonly, `=` sendrecv, `0` refused. */
function sections(short: string) {
  const lines = short.split(' ').map((word, index) => {
    const kind = { v: 'video', a: 'audio', d: 'application' }[word[0] ?? ''];
    const direction = { '-': 'inactive', '>': 'sendonly', '=': 'sendrecv' }[word[1] ?? ''] ?? 'recvonly';
    return `m=${kind} ${word[1] === '0' ? 0 : 9} RTP/SAVPF 96\r\na=mid:${index}\r\na=${direction}\r\n`;
  });
  return parseSdp(`v=0\r\n${lines.join('')}`).media;
}

test.each([
  ['v v a d', null, ['0 one', '1 two', '2 sound']],
  ['a v v', null, ['0 sound', '1 one', '2 two']],
  ['v a', null, ['0 one', '1 sound']],
  ['v', null, ['0 one']],
  ['a', null, ['0 sound']],
  ['v v v a a', null, ['0 one', '1 two', '3 sound']],
  ['v- v a', null, ['1 one', '2 sound']],
  ['v> v0 v= a', null, ['2 one', '3 sound']],
  ['v v a', ['two'], ['0 two']],
  ['v v a', ['sound', 'two', 'one'], ['0 two', '1 one', '2 sound']],
  ['v v a', ['two', 'two'], ['0 two']],
  ['d', null, []],
])('m-lines %j, tracks %j: %j', (short, names, expected) => {
  const matches = matchTracks(selectTracks(TRACKS, names), sections(short));
  expect(matches.map(({ mid, track }) => `${mid} ${track.name}`)).toEqual(expected);
});

test('an unknown track is named, and so are those that there are', () => {
  expect(() => selectTracks(TRACKS, ['on'])).toThrow(
    expect.objectContaining({ code: 'unknown-track', hint: 'its tracks are: one, two, sound' }),
  );
});
