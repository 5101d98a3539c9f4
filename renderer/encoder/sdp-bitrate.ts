import type { MediaSettings } from '../../protocol/hello.ts';
import { formatParameters, parseSdp, rtpEncodings, setFormatParameters, writeSdp } from './sdp-sections.ts';

/** Only these are encodings of pictures; rtx, red, ulpfec and flexfec stand beside them and take no rate. */
const VIDEO_ENCODINGS = new Set(['VP8', 'VP9', 'H264', 'AV1', 'AV1X', 'H265']);

/**
 * Tells Chromium where to begin: it reads `x-google-*-bitrate` (in kbps) of the codec in use from the remote description.
 * Without them VP8 began at 480x270; with them 720p was there 0.5 s after the start (ENGINE-NOTES, "Knobs that work").
 * Every codec gets them, since it is not settled yet which one is used.
 *
 * @param sdp the viewer's offer
 */
export function withBitrates(
  sdp: string,
  {
    start_bitrate_bps,
    min_bitrate_bps,
    max_bitrate_bps,
  }: Pick<MediaSettings, 'start_bitrate_bps' | 'min_bitrate_bps' | 'max_bitrate_bps'>,
): string {
  const parsed = parseSdp(sdp);
  for (const section of parsed.media) {
    if (section.kind !== 'video') continue;
    for (const [payloadType, { name }] of rtpEncodings(section)) {
      if (!VIDEO_ENCODINGS.has(name.toUpperCase())) continue;
      const parameters = formatParameters(section, payloadType);
      parameters.set('x-google-start-bitrate', kbps(start_bitrate_bps));
      parameters.set('x-google-min-bitrate', kbps(min_bitrate_bps));
      parameters.set('x-google-max-bitrate', kbps(max_bitrate_bps));
      setFormatParameters(section, payloadType, parameters);
    }
  }
  return writeSdp(parsed);
}

function kbps(bps: number): string {
  return String(Math.max(1, Math.round(bps / 1000)));
}
