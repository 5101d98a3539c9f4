import { expect, test } from 'vitest';
import { withStereo } from './sdp-stereo.ts';

const lines = (...list: string[]) => `${list.join('\r\n')}\r\n`;

test('withStereo: every Opus, nothing else', () => {
  const before = lines(
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9',
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:63 red/48000/2',
    'a=fmtp:63 111/111',
    'm=audio 9 UDP/TLS/RTP/SAVPF 112',
    'a=rtpmap:112 OPUS/48000/2',
    'a=fmtp:112 minptime=10',
  );
  const after = withStereo(before);
  expect(after).toBe(
    before
      .replace('useinbandfec=1\r', 'useinbandfec=1;stereo=1;sprop-stereo=1\r')
      .replace('112 minptime=10\r', '112 minptime=10;stereo=1;sprop-stereo=1\r'),
  );
  expect(withStereo(after)).toBe(after);
});
