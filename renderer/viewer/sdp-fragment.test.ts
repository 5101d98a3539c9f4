import { expect, test } from 'vitest';
import { writeFragment } from './sdp-fragment.ts';

const OFFER =
  'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=mid:v\r\n';
const HEAD = ['a=ice-ufrag:abcd', 'a=ice-pwd:0123456789012345678901'];
const PSEUDO = 'm=audio 9 UDP/TLS/RTP/SAVPF 0';
const text = (...lines: string[]) => [...HEAD, ...lines, ''].join('\r\n');

test('writeFragment: candidates under their mid, those without one under the first', () => {
  const candidates = [
    { candidate: 'candidate:1 1 udp 1 192.0.2.1 5000 typ host', sdpMid: 'v' },
    { candidate: 'candidate:2 1 udp 1 192.0.2.1 5001 typ host', sdpMid: 'a' },
    { candidate: 'candidate:3 1 udp 1 192.0.2.1 5002 typ host', sdpMid: null },
  ];
  expect(writeFragment(OFFER, candidates, false)).toBe(
    text(
      PSEUDO,
      'a=mid:v',
      'a=candidate:1 1 udp 1 192.0.2.1 5000 typ host',
      'a=candidate:3 1 udp 1 192.0.2.1 5002 typ host',
      PSEUDO,
      'a=mid:a',
      'a=candidate:2 1 udp 1 192.0.2.1 5001 typ host',
    ),
  );
});

test('writeFragment: the end alone', () => {
  expect(writeFragment(OFFER, [], true)).toBe(text(PSEUDO, 'a=mid:v', 'a=end-of-candidates'));
});
