import { formatParameters, parseSdp, rtpEncodings, setFormatParameters, writeSdp } from './sdp-sections.ts';
import type { ConnectionRate } from './sender-media.ts';
import { LEAST_LINK_BPS } from './track-limits.ts';

/** Only these are encodings of pictures; rtx, red, ulpfec and flexfec stand beside them and take no rate. */
const VIDEO_ENCODINGS = new Set(['VP8', 'VP9', 'H264', 'AV1', 'AV1X', 'H265']);

/**
 * Tells Chromium where to begin: it reads `x-google-*-bitrate` (in kbps) of the codec in use from the remote description.
 * Without them VP8 began at 480x270; with them 720p was there 0.5 s after the start (ENGINE-NOTES, "Knobs that work").
 * Every codec gets them, since it is not settled yet which one is used; and every m-line the same, since they are limits of
 * the whole connection and the m-line that is applied last wins.
 *
 * @param sdp the viewer's offer
 */
export function withBitrates(sdp: string, { startBps, maxBps }: ConnectionRate): string {
  const parsed = parseSdp(sdp);
  for (const section of parsed.media) {
    if (section.kind !== 'video') continue;
    for (const [payloadType, { name }] of rtpEncodings(section)) {
      if (!VIDEO_ENCODINGS.has(name.toUpperCase())) continue;
      const parameters = formatParameters(section, payloadType);
      parameters.set('x-google-start-bitrate', kbps(startBps));
      parameters.set('x-google-min-bitrate', kbps(Math.min(LEAST_LINK_BPS, maxBps)));
      parameters.set('x-google-max-bitrate', kbps(maxBps));
      setFormatParameters(section, payloadType, parameters);
    }
  }
  return writeSdp(parsed);
}

function kbps(bps: number): string {
  return String(Math.max(1, Math.round(bps / 1000)));
}
