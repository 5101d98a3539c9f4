import type { VideoCodec } from '../../protocol/hello.ts';
import { EncoderError } from './encoder-error.ts';
import { formatParameters, type MediaSection, rtpEncodings } from './sdp-sections.ts';

/** Encodings that protect or repeat others. Without rtx what was lost is not sent again. */
const HELPERS = new Set(['rtx', 'red', 'ulpfec', 'flexfec-03']);

interface Offered {
  payloadType: string;
  codec: string;
  parameters: Map<string, string>;
}

/**
 * Leaves in a video section of the viewer's offer only what may be used, best first: the codecs of `order`, each in its
 * plainest form first, then what belongs to them.
 *
 * Chromium sends what comes first in the remote description, in 114 and 156 alike; `setCodecPreferences` on the answering
 * side changes the order of the answer, not what is sent (asked for AV1, it answered AV1 first and sent VP8).
 *
 * @param order codecs to use, best first
 * @param canSend short names of what this browser can send, see `codecNames`
 * @returns the one that will be sent
 * @throws EncoderError `no-common-codec` where the viewer offers none of them
 */
export function preferCodecs(
  section: MediaSection,
  order: readonly VideoCodec[],
  canSend: ReadonlySet<string>,
): VideoCodec {
  const offered = [...rtpEncodings(section)].map(([payloadType, { name }]) => ({
    payloadType,
    codec: name.toLowerCase(),
    parameters: formatParameters(section, payloadType),
  }));
  const pictures = order.flatMap((codec) =>
    canSend.has(codec)
      ? offered
          .filter((each) => each.codec === codec && isUsable(each))
          .sort((one, other) => rank(one) - rank(other))
      : [],
  );
  const sent = order.find((codec) => codec === pictures[0]?.codec);
  if (!sent) throw noCommonCodec(offered, order, canSend);
  const kept = new Set(pictures.map(({ payloadType }) => payloadType));
  const repeats = (payloadTypes: ReadonlySet<string>) =>
    offered.filter(
      ({ codec, parameters }) => codec === 'rtx' && payloadTypes.has(parameters.get('apt') ?? ''),
    );
  const protection = offered.filter(({ codec }) => HELPERS.has(codec) && codec !== 'rtx');
  const helpers = [...repeats(kept), ...protection];
  helpers.push(...repeats(new Set(protection.map(({ payloadType }) => payloadType))));
  setPayloadTypes(
    section,
    [...pictures, ...helpers].map(({ payloadType }) => payloadType),
  );
  return sent;
}

/** `video/VP9` -> `vp9`, the name it has in `?codec=`, for all that is a picture. */
export function codecNames(capabilities: readonly { mimeType: string }[]): Set<string> {
  const names = capabilities.map(({ mimeType }) => mimeType.slice(mimeType.indexOf('/') + 1).toLowerCase());
  return new Set(names.filter((name) => !HELPERS.has(name)));
}

/** VP9 profile 2 and AV1 profile 1 and up are 10 bit or 4:4:4: nothing that 4:2:0 pictures of 8 bit need. */
function isUsable({ codec, parameters }: Offered): boolean {
  const profile = codec === 'vp9' ? parameters.get('profile-id') : parameters.get('profile');
  return codec === 'h264' || (profile ?? '0') === '0';
}

/**
 * Lower is better. H.264: constrained baseline (RFC 6184 section 8.1: 42e0xx) is what every decoder has, and
 * packetization-mode 1 is needed for pictures larger than a packet (section 6.3).
 */
function rank({ codec, parameters }: Offered): number {
  if (codec !== 'h264') return 0;
  // Absent means baseline and mode 0 (RFC 6184 section 8.1).
  const profile = (parameters.get('profile-level-id') ?? '42000a').slice(0, 4).toLowerCase();
  const at = ['42e0', '4200', '4d00', '640c', '6400'].indexOf(profile);
  return (parameters.get('packetization-mode') === '1' ? 0 : 10) + (at < 0 ? 9 : at);
}

/** Rewrites the m-line's list and drops the attributes of payload types that are not in it any more. */
function setPayloadTypes(section: MediaSection, payloadTypes: readonly string[]): void {
  const kept = new Set(payloadTypes);
  section.lines = section.lines
    .filter((line) => {
      const payloadType = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1];
      return payloadType === undefined || kept.has(payloadType);
    })
    .map((line, index) => (index === 0 ? [...line.split(' ').slice(0, 3), ...payloadTypes].join(' ') : line));
}

function noCommonCodec(
  offered: readonly Offered[],
  order: readonly VideoCodec[],
  canSend: ReadonlySet<string>,
): EncoderError {
  const list = (names: Iterable<string>) => [...new Set(names)].join(', ') || 'none';
  const pictures = offered.map(({ codec }) => codec).filter((codec) => !HELPERS.has(codec));
  return new EncoderError(
    'no-common-codec',
    `the offer has the video codecs ${list(pictures)}; asked for were ${list(order)}, this engine can send ${list(canSend)}`,
    'leave ?codec= away or name one that the offer has',
  );
}
