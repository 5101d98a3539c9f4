import { expect, test } from 'vitest';
import { withAudioNack } from './sdp-nack.ts';

const lines = (...list: string[]) => `${list.join('\r\n')}\r\n`;

test('withAudioNack: every Opus once, nothing else', () => {
  const before = lines(
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 63',
    'a=rtpmap:111 opus/48000/2',
    'a=rtcp-fb:111 transport-cc',
    'a=rtpmap:63 red/48000/2',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=rtpmap:96 VP8/90000',
  );
  const after = withAudioNack(before);
  expect(after).toBe(before.replace('opus/48000/2\r\n', 'opus/48000/2\r\na=rtcp-fb:111 nack\r\n'));
  expect(withAudioNack(after)).toBe(after);
});
