import { formatParameters, parseSdp, rtpEncodings, setFormatParameters, writeSdp } from './sdp-sections.ts';

/** Transparent for music in Opus (https://wiki.xiph.org/Opus_Recommended_Settings: stereo music 96 to 128 kbps). */
const STEREO_BPS = 128_000;
const MONO_BPS = 64_000;

/**
 * Sets Opus of the named sections (RFC 7587 section 6.1). In the viewer's offer `stereo=1` makes our encoder send both
 * channels; in our answer `sprop-stereo=1` tells the viewer that they come.
 *
 * @param channelsByMid the channels of the track behind each audio section
 */
export function withOpus(sdp: string, channelsByMid: ReadonlyMap<string, 1 | 2>): string {
  const parsed = parseSdp(sdp);
  for (const section of parsed.media) {
    const channels = channelsByMid.get(section.mid);
    if (section.kind !== 'audio' || channels === undefined) continue;
    for (const [payloadType, { name }] of rtpEncodings(section)) {
      if (name.toLowerCase() !== 'opus') continue;
      const parameters = formatParameters(section, payloadType);
      parameters.set('minptime', '10');
      parameters.set('useinbandfec', '1');
      parameters.set('maxaveragebitrate', String(channels === 2 ? STEREO_BPS : MONO_BPS));
      if (channels === 2) {
        parameters.set('stereo', '1');
        parameters.set('sprop-stereo', '1');
      }
      setFormatParameters(section, payloadType, parameters);
    }
  }
  return writeSdp(parsed);
}
