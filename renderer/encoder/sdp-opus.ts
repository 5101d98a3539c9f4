import type { AudioTrack } from '../../protocol/track.ts';
import {
  attributes,
  formatParameters,
  type MediaSection,
  parseSdp,
  rtpEncodings,
  setFormatParameters,
  writeSdp,
} from './sdp-sections.ts';

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
    if (settings === undefined) continue;
    for (const payloadType of opusTypes(section)) {
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

/**
 * Grants NACK for Opus where the viewer offers it (RFC 4585 section 4.2). Chromium's sender goes by the offer, but its answer
 * leaves it out, and the viewer's receiver goes by that.
 */
export function withOpusNack(answer: string, offer: string): string {
  const asked = new Set(
    parseSdp(offer).media.flatMap((section) =>
      opusTypes(section)
        .filter((type) => hasNack(section, type))
        .map((type) => `${section.mid} ${type}`),
    ),
  );
  const parsed = parseSdp(answer);
  for (const section of parsed.media) {
    for (const type of opusTypes(section)) {
      if (!asked.has(`${section.mid} ${type}`) || hasNack(section, type)) continue;
      const map = section.lines.findIndex((line) => line.startsWith(`a=rtpmap:${type} `));
      section.lines.splice(map + 1, 0, `a=rtcp-fb:${type} nack`);
    }
  }
  return writeSdp(parsed);
}

function opusTypes(section: MediaSection): string[] {
  const encodings = section.kind === 'audio' ? [...rtpEncodings(section)] : [];
  return encodings.filter(([, { name }]) => name.toLowerCase() === 'opus').map(([type]) => type);
}

function hasNack({ lines }: MediaSection, payloadType: string): boolean {
  return attributes(lines, 'rtcp-fb').includes(`${payloadType} nack`);
}
