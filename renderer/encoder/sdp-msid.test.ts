import { expect, test } from 'vitest';
import { SYNC_STREAM, withTrackNames } from './sdp-msid.ts';

const ANSWER = [
  'v=0',
  'a=msid-semantic: WMS',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:0',
  'a=sendonly',
  'a=msid:- cb9a7bd5-e4d9-4a61-b4be-563e435f7834',
  'a=rtcp-mux',
  'a=ssrc:12 cname:abc',
  'a=ssrc:12 msid:- cb9a7bd5-e4d9-4a61-b4be-563e435f7834',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:1',
  'a=sendonly',
  'a=msid:- 21b14994-865c-4a10-a14c-9e18f9c4d6a7',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:2',
  'a=inactive',
  '',
].join('\r\n');

test('tracks get the common stream first, for lip sync, and one of their own name', () => {
  const named = withTrackNames(
    ANSWER,
    new Map([
      ['0', 'main_video'],
      ['1', 'main_audio'],
    ]),
  );
  expect(named.split('\r\n')).toEqual([
    'v=0',
    'a=msid-semantic: WMS',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=mid:0',
    'a=sendonly',
    `a=msid:${SYNC_STREAM} main_video`,
    'a=msid:main_video main_video',
    'a=rtcp-mux',
    'a=ssrc:12 cname:abc',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=mid:1',
    'a=sendonly',
    `a=msid:${SYNC_STREAM} main_audio`,
    'a=msid:main_audio main_audio',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=mid:2',
    'a=inactive',
    '',
  ]);
});
