import { expect, test } from 'vitest';
import { withReceiverRtt } from './sdp-xr.ts';

const section = (mid: string, ...more: string[]) => [
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  `a=mid:${mid}`,
  ...more,
];
const sdp = (...lines: string[]) => ['v=0', ...lines, ''].join('\r\n');
const ASKING = 'a=rtcp-xr:rcvr-rtt=all';

test('the answer agrees to receiver RTT where the offer has it and the engine left it out', () => {
  const offer = sdp(...section('0', ASKING), ...section('1'), ...section('2', 'a=rtcp-xr:voip-metrics'));
  const answer = sdp(...section('0'), ...section('1'), ...section('2'));
  expect(withReceiverRtt(answer, offer)).toBe(sdp(...section('0', ASKING), ...section('1'), ...section('2')));
});

test('it says so once, and not in a section that it refuses', () => {
  const offer = sdp(...section('0', ASKING), ...section('1', ASKING));
  const refused = ['m=video 0 UDP/TLS/RTP/SAVPF 96', 'a=mid:1'];
  const answer = sdp(...section('0', ASKING), ...refused);
  expect(withReceiverRtt(answer, offer)).toBe(answer);
});
