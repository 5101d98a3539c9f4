import { expect, test } from 'vitest';
import { OFFERS, readOffer } from './fixtures/offers.ts';
import {
  formatParameters,
  type MediaSection,
  parseSdp,
  rtpEncodings,
  setFormatParameters,
  writeSdp,
} from './sdp-sections.ts';

test.each(OFFERS)('%s: parse and write give the same text', (name) => {
  const offer = readOffer(name);
  expect(writeSdp(parseSdp(offer))).toBe(offer);
});

test('bare line feeds are taken, CRLF is written', () => {
  expect(writeSdp(parseSdp('v=0\nm=video 9 RTP/SAVPF 96\na=mid:0\n'))).toBe(
    'v=0\r\nm=video 9 RTP/SAVPF 96\r\na=mid:0\r\n',
  );
});

test.each([
  ['chromium-156', ['video 0 recvonly', 'audio 1 recvonly', 'application 2 sendrecv']],
  ['electron-25', ['video 0 recvonly', 'audio 1 recvonly', 'application 2 sendrecv']],
  ['firefox', ['video 0 recvonly', 'audio 1 recvonly', 'application 2 sendrecv']],
  ['safari', ['audio 0 recvonly', 'video 1 recvonly']],
] as const)('%s: kind, mid and direction of each m-line', (name, expected) => {
  const { media } = parseSdp(readOffer(name));
  expect(media.map(({ kind, mid, direction }) => `${kind} ${mid} ${direction}`)).toEqual(expected);
});

test.each([
  ['m=video 0 RTP/SAVPF 96\r\n', true],
  ['m=video 0 RTP/SAVPF 96\r\na=bundle-only\r\n', false],
  ['m=video 9 RTP/SAVPF 96\r\n', false],
])('%j is rejected: %s', (text, rejected) => {
  expect(parseSdp(text).media[0]?.rejected).toBe(rejected);
});

test('encodings come in the order of the m-line, not of the rtpmaps', () => {
  const section = parseSdp(
    'm=video 9 RTP/SAVPF 98 96 7\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:98 VP9/90000\r\n',
  ).media[0] as MediaSection;
  expect([...rtpEncodings(section)]).toEqual([
    ['98', { name: 'VP9', clockHz: 90_000 }],
    ['96', { name: 'VP8', clockHz: 90_000 }],
  ]);
});

test('format parameters are read, changed in place, and put behind the rtpmap where there were none', () => {
  const text =
    'm=audio 9 RTP/SAVPF 111 63\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10; flag\r\na=x\r\n';
  const section = parseSdp(text).media[0] as MediaSection;
  expect([...formatParameters(section, '111')]).toEqual([
    ['minptime', '10'],
    ['flag', ''],
  ]);
  setFormatParameters(section, '111', new Map([['stereo', '1']]));
  expect(section.lines[2]).toBe('a=fmtp:111 stereo=1');

  const bare = parseSdp('m=video 9 RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\na=x\r\n')
    .media[0] as MediaSection;
  setFormatParameters(bare, '96', new Map([['a', '1']]));
  expect(bare.lines).toEqual(['m=video 9 RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 a=1', 'a=x']);
});
