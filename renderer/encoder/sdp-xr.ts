import { attributes, parseSdp, writeSdp } from './sdp-sections.ts';

const RECEIVER_RTT = 'rcvr-rtt=all';

/**
 * Lets a viewer that only receives find out the round trip time, where its offer says that it would (RFC 3611 section 5.1,
 * `a=rtcp-xr:rcvr-rtt=all`). It asks again for what was lost after one such time, and takes 100 ms for it as long as it knows
 * none. Every Chromium answers the reports (section 4.5), but 114 of Electron 25 does not say so in its answers: a packet that
 * was lost twice came after 200 ms and more.
 */
export function withReceiverRtt(answer: string, offer: string): string {
  const parsed = parseSdp(answer);
  const asking = new Set(
    parseSdp(offer)
      .media.filter(({ lines }) => attributes(lines, 'rtcp-xr').includes(RECEIVER_RTT))
      .map(({ mid }) => mid),
  );
  for (const { mid, rejected, lines } of parsed.media) {
    if (rejected || !asking.has(mid) || attributes(lines, 'rtcp-xr').length > 0) continue;
    lines.push(`a=rtcp-xr:${RECEIVER_RTT}`);
  }
  return writeSdp(parsed);
}
