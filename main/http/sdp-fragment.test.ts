import { expect, test } from 'vitest';
import { readFragment, writeFragment } from './sdp-fragment.ts';

const PWD = 'x'.repeat(22);

test('credentials, candidates of each m-line and the end are read', () => {
  // After the example of RFC 9725 section 4.3.2.
  const text = [
    'a=group:BUNDLE 0 1',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=mid:0',
    'a=ice-ufrag:EsAw',
    `a=ice-pwd:${PWD}`,
    'a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1',
    'a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host',
    'a=end-of-candidates',
    '',
  ].join('\r\n');
  expect(readFragment(text)).toEqual({
    iceUfrag: 'EsAw',
    icePwd: PWD,
    candidates: [
      {
        mid: '0',
        candidate:
          'candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1',
      },
      { mid: '0', candidate: 'candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host' },
    ],
    endOfCandidates: true,
  });
});

test('a candidate before any mid has none', () => {
  expect(readFragment('a=candidate:1 1 udp 1 192.0.2.1 1 typ host\n').candidates).toEqual([
    { mid: undefined, candidate: 'candidate:1 1 udp 1 192.0.2.1 1 typ host' },
  ]);
});

test.each([
  ['', 'neither ICE credentials nor candidates'],
  ['a=group:BUNDLE 0\r\n', 'neither ICE credentials nor candidates'],
  ['{"candidate": 1}', 'is not of the form x=value'],
  ['a=ice-ufrag:a b!\r\n', 'a=ice-ufrag is not'],
  ['a=ice-pwd:short\r\n', 'a=ice-pwd is not'],
  [`a=candidate:${'1'.repeat(1001)}\r\n`, 'a candidate of over 1000 characters'],
  ['a=candidate:1\r\n'.repeat(65), '65 candidates, at most 64'],
])('%j is refused', (text, problem) => {
  expect(() => readFragment(text)).toThrow(
    expect.objectContaining({ code: 'malformed-fragment', message: expect.stringContaining(problem) }),
  );
});

test('what is written reads back', () => {
  const written = writeFragment({
    iceUfrag: 'abcd',
    icePwd: PWD,
    mid: '0',
    candidates: [
      { mid: '0', candidate: 'candidate:1 1 udp 1 192.0.2.1 1 typ host' },
      { mid: '1', candidate: 'candidate:2 1 udp 1 192.0.2.1 2 typ host' },
    ],
  });
  expect(readFragment(written)).toEqual({
    iceUfrag: 'abcd',
    icePwd: PWD,
    candidates: [{ mid: '0', candidate: 'candidate:1 1 udp 1 192.0.2.1 1 typ host' }],
    endOfCandidates: true,
  });
});
