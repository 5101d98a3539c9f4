import { expect, test } from 'vitest';
import { restartedAnswer } from './sdp-restart.ts';

const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join('');

const answer = lines(
  'v=0',
  'a=group:BUNDLE 0 1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:0',
  'a=ice-ufrag:old1',
  'a=ice-pwd:oldoldoldoldoldoldoldold',
  'a=candidate:1 1 udp 1 127.0.0.1 1000 typ host',
  'a=end-of-candidates',
  'a=msid:reactor-host main_video',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=mid:1',
  'a=ice-ufrag:old1',
  'a=ice-pwd:oldoldoldoldoldoldoldold',
);

const fragment = lines(
  'a=ice-ufrag:new1',
  'a=ice-pwd:newnewnewnewnewnewnewnew',
  'm=audio 9 UDP/TLS/RTP/SAVPF 0',
  'a=mid:0',
  'a=candidate:2 1 udp 1 127.0.0.1 2000 typ host',
  'a=end-of-candidates',
);

test('restartedAnswer: new credentials everywhere, new candidates in the first section, the rest as it was', () => {
  expect(restartedAnswer(answer, fragment)).toBe(
    lines(
      'v=0',
      'a=group:BUNDLE 0 1',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'a=mid:0',
      'a=ice-ufrag:new1',
      'a=ice-pwd:newnewnewnewnewnewnewnew',
      'a=msid:reactor-host main_video',
      'a=candidate:2 1 udp 1 127.0.0.1 2000 typ host',
      'a=end-of-candidates',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'a=mid:1',
      'a=ice-ufrag:new1',
      'a=ice-pwd:newnewnewnewnewnewnewnew',
    ),
  );
});

test('restartedAnswer: a fragment without credentials restarts nothing', () => {
  expect(() => restartedAnswer(answer, 'a=ice-ufrag:new1\r\n')).toThrow(/without credentials/);
});
