import { parseParameters } from './sdp-sections.ts';

/** An encoding as it stands in an SDP or in RTCRtpSender's capabilities: name in lower case, format parameters (`a=fmtp`). */
export interface CodecFormat {
  codec: string;
  parameters: ReadonlyMap<string, string>;
}

export function toFormat(capability: { mimeType: string; sdpFmtpLine?: string }): CodecFormat {
  const { mimeType, sdpFmtpLine = '' } = capability;
  return {
    codec: mimeType.slice(mimeType.indexOf('/') + 1).toLowerCase(),
    parameters: parseParameters(sdpFmtpLine),
  };
}

/**
 * Do two formats have the profile and the packetization in common? Levels aside: every browser names 3.1 for H.264 and for
 * AV1, whatever it decodes, and what is sent is what the picture needs.
 */
export function isSameFormat(one: CodecFormat, other: CodecFormat): boolean {
  return one.codec === other.codec && profileOf(one) === profileOf(other);
}

/** 8 bit 4:2:0, which is all that our pictures need: the profile that every decoder of the codec has. */
export function isMainProfile(format: CodecFormat): boolean {
  switch (format.codec) {
    case 'vp9':
      return profileOf(format) === '0';
    case 'av1':
      return profileOf(format) === '0/0';
    case 'h265':
      return profileOf(format) === '1/0/SRST';
    // Constrained baseline is a part of every other profile (ITU-T H.264 annex A).
    default:
      return true;
  }
}

/** Pictures may be larger than a packet (RFC 6184 section 6.3: fragmentation units). */
export function mayFragment({ codec, parameters }: CodecFormat): boolean {
  return codec !== 'h264' || parameters.get('packetization-mode') === '1';
}

function profileOf({ codec, parameters }: CodecFormat): string {
  switch (codec) {
    case 'vp9':
      // RFC 9628 section 7.
      return parameters.get('profile-id') ?? '0';
    case 'av1':
      // The RTP payload format of AV1, section 7.2.1.
      return `${parameters.get('profile') ?? '0'}/${parameters.get('tier') ?? '0'}`;
    case 'h265':
      // RFC 7798 section 7.1.
      return `${parameters.get('profile-id') ?? '1'}/${parameters.get('tier-flag') ?? '0'}/${parameters.get('tx-mode') ?? 'SRST'}`;
    case 'h264':
      // RFC 6184 section 8.1: absent means baseline and mode 0.
      return `${h264Profile(parameters.get('profile-level-id') ?? '42000a')}/${parameters.get('packetization-mode') ?? '0'}`;
    default:
      return '';
  }
}

/** The same profile in other spellings, by RFC 6184 table 5: profile_idc, then constraint flags as they have to be. */
const H264_PROFILES: [string, RegExp, string][] = [
  ['42', /^.1......$/, 'constrained-baseline'],
  ['4d', /^1.......$/, 'constrained-baseline'],
  ['58', /^11......$/, 'constrained-baseline'],
  ['42', /^.0......$/, 'baseline'],
  ['58', /^10......$/, 'baseline'],
  ['4d', /^0.0.....$/, 'main'],
  ['64', /^0000....$/, 'high'],
];

export function h264Profile(profileLevelId: string): string {
  const idc = profileLevelId.slice(0, 2).toLowerCase();
  const flags = Number.parseInt(profileLevelId.slice(2, 4), 16).toString(2).padStart(8, '0');
  // High with both of these constraints is constrained high (ITU-T H.264 A.2.4.2).
  if (idc === '64' && flags === '00001100') return 'constrained-high';
  return (
    H264_PROFILES.find(([each, pattern]) => each === idc && pattern.test(flags))?.[2] ?? `${idc}${flags}`
  );
}
