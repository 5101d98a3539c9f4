/**
 * Asks for both channels of Opus (RFC 7587 section 6.1: without `stereo=1` the receiver is taken to prefer mono), in an
 * offer before it is sent. A viewer cannot say so by any other interface.
 */
export function withStereo(sdp: string): string {
  const opus = new Set(
    [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000/gim)].map(([, payloadType]) => payloadType),
  );
  return sdp.replace(/^a=fmtp:(\d+) (.*)$/gm, (line, payloadType: string, parameters: string) => {
    if (!opus.has(payloadType) || /(^|;)\s*stereo=/.test(parameters)) return line;
    // `.` matches the carriage return too.
    return `a=fmtp:${payloadType} ${parameters.trimEnd()};stereo=1;sprop-stereo=1${line.endsWith('\r') ? '\r' : ''}`;
  });
}
