import type { AudioTrack } from '../../protocol/track.ts';
import { formatParameters, parseSdp, rtpEncodings, setFormatParameters, writeSdp } from './sdp-sections.ts';

/** How Opus of one section is to be sent. */
export interface OpusSettings {
  channels: 1 | 2;
  bitrateBps: number;
}

/** What the track asks for, else the host's: that is for stereo, and Opus needs about half of it for one channel. */
export function opusSettings(
  { channels, bitrate_bps }: AudioTrack,
  { audio_bitrate_bps }: { audio_bitrate_bps: number },
): OpusSettings {
  return { channels, bitrateBps: bitrate_bps ?? Math.round((audio_bitrate_bps * channels) / 2) };
}

/**
 * Sets Opus of the named sections (RFC 7587 section 6.1). In the viewer's offer `stereo=1` makes our encoder send both
 * channels; in our answer `sprop-stereo=1` tells the viewer that they come. DTX stays off unless the viewer asks for it.
 */
export function withOpus(sdp: string, settingsByMid: ReadonlyMap<string, OpusSettings>): string {
  const parsed = parseSdp(sdp);
  for (const section of parsed.media) {
    const settings = settingsByMid.get(section.mid);
    if (section.kind !== 'audio' || settings === undefined) continue;
    for (const [payloadType, { name }] of rtpEncodings(section)) {
      if (name.toLowerCase() !== 'opus') continue;
      const parameters = formatParameters(section, payloadType);
      parameters.set('minptime', '10');
      parameters.set('useinbandfec', '1');
      parameters.set('maxaveragebitrate', String(settings.bitrateBps));
      if (settings.channels === 2) {
        parameters.set('stereo', '1');
        parameters.set('sprop-stereo', '1');
      }
      setFormatParameters(section, payloadType, parameters);
    }
  }
  return writeSdp(parsed);
}
