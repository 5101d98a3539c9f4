import { expect, test } from 'vitest';
import { readOffer } from './sdp-offer.ts';

const LINES = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789012345678901',
  'a=fingerprint:sha-256 00',
  'a=rtpmap:111 opus/48000/2',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98',
  'a=mid:1',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=rtpmap:98 h264/90000',
];
const without = (start: string) => LINES.filter((line) => !line.startsWith(start)).join('\r\n');

test('kinds, mid, ufrag and video codecs are found', () => {
  expect(readOffer(LINES.join('\r\n'))).toEqual({
    kinds: ['audio', 'video'],
    firstMid: '0',
    iceUfrag: 'abcd',
    videoCodecs: ['VP8', 'H264'],
  });
});

test.each([
  ['', 'the body is empty'],
  ['hello', 'it does not begin with v=0'],
  [without('m='), 'no audio or video m-line'],
  [without('a=ice-ufrag'), 'a=ice-ufrag or a=ice-pwd'],
  [without('a=ice-pwd'), 'a=ice-ufrag or a=ice-pwd'],
  [without('a=fingerprint'), 'a=fingerprint is missing'],
])('offer %# is refused: %s', (sdp, problem) => {
  expect(() => readOffer(sdp)).toThrow(
    expect.objectContaining({ code: 'malformed-offer', message: expect.stringContaining(problem) }),
  );
});
