/**
 * Asks for NACK for Opus (RFC 4585 section 4.2), in an offer before it is sent: what was lost is sent again, and is there in
 * time where the way is short. Chromium does not ask by itself; FEC, which it asks for, recovers single packets without.
 */
export function withAudioNack(sdp: string): string {
  return sdp.replace(
    /^a=rtpmap:(\d+) opus\/48000[^\r\n]*(\r?\n)/gim,
    (line, payloadType: string, end: string) => {
      const nack = `a=rtcp-fb:${payloadType} nack${end}`;
      return sdp.includes(nack) ? line : line + nack;
    },
  );
}
