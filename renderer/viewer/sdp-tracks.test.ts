import { expect, test } from 'vitest';
import { trackNamesByMid } from './sdp-tracks.ts';

test('trackNamesByMid: sections with a track, in whatever order their lines are', () => {
  const answer = [
    'v=0',
    'a=msid-semantic: WMS reactor-host',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=mid:0',
    'a=msid:reactor-host main_video',
    'a=msid:main_video main_video',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=msid:reactor-host main_audio',
    'a=mid:1',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=mid:2',
    'a=inactive',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'a=mid:3',
    '',
  ].join('\r\n');
  expect([...trackNamesByMid(answer)]).toEqual([
    ['0', 'main_video'],
    ['1', 'main_audio'],
  ]);
});
