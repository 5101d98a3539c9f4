import type { VideoCodec } from '../../protocol/hello.ts';
import {
  type CodecFormat,
  h264Profile,
  isMainProfile,
  isSameFormat,
  mayFragment,
  toFormat,
} from './codec-format.ts';
import { EncoderError } from './encoder-error.ts';
import { formatParameters, type MediaSection, rtpEncodings } from './sdp-sections.ts';

/** Encodings that protect or repeat others. Without rtx what was lost is not sent again. */
const HELPERS = new Set(['rtx', 'red', 'ulpfec', 'flexfec-03']);

interface Offered extends CodecFormat {
  payloadType: string;
}

/**
 * Leaves in a video section of the viewer's offer only what may be used, best first: the codecs of `order`, each in its
 * plainest form first, then what belongs to them.
 *
 * Chromium sends what comes first in the remote description, in 114 and 156 alike; `setCodecPreferences` on the answering
 * side changes the order of the answer, not what is sent (asked for AV1, it answered AV1 first and sent VP8).
 *
 * @param order codecs to use, best first
 * @param canSend what this browser can send, see `sendableFormats`
 * @returns the one that will be sent
 * @throws EncoderError `no-common-codec` where the viewer offers none of them
 */
export function preferCodecs(
  section: MediaSection,
  order: readonly VideoCodec[],
  canSend: readonly CodecFormat[],
): VideoCodec {
  const offered = [...rtpEncodings(section)].map(([payloadType, { name }]) => ({
    payloadType,
    codec: name.toLowerCase(),
    parameters: formatParameters(section, payloadType),
  }));
  const pictures = order.flatMap((codec) =>
    offered
      .filter((each) => each.codec === codec && isMainProfile(each))
      .filter((each) => canSend.some((format) => isSameFormat(format, each)))
      .sort((one, other) => rank(one) - rank(other)),
  );
  const sent = order.find((codec) => codec === pictures[0]?.codec);
  if (!sent) throw noCommonCodec(offered, order, canSend);
  const kept = new Set(pictures.map(({ payloadType }) => payloadType));
  // No red and ulpfec: at a loss of some percent Chromium sends as much again for protection, which fills a narrow link whose
  // rate the shared encoder has chosen, and so keeps up the loss (docs/media.md).
  const helpers = offered.filter(
    ({ codec, parameters }) => codec === 'rtx' && kept.has(parameters.get('apt') ?? ''),
  );
  setPayloadTypes(
    section,
    [...pictures, ...helpers].map(({ payloadType }) => payloadType),
  );
  return sent;
}

/**
 * Puts the formats of one codec before all others that are left in the section, as they are.
 *
 * @returns the first of them, which will be sent; undefined where the section has none
 */
export function putFirst(section: MediaSection, codec: VideoCodec): CodecFormat | undefined {
  const all = [...rtpEncodings(section)];
  const first = all
    .filter(([, { name }]) => name.toLowerCase() === codec)
    .map(([payloadType]) => payloadType);
  const [best] = first;
  if (best === undefined) return undefined;
  const rest = all.map(([payloadType]) => payloadType).filter((each) => !first.includes(each));
  setPayloadTypes(section, [...first, ...rest]);
  return { codec, parameters: formatParameters(section, best) };
}

/** Of RTCRtpSender's capabilities, all that is a picture. */
export function sendableFormats(
  capabilities: readonly { mimeType: string; sdpFmtpLine?: string }[],
): CodecFormat[] {
  return capabilities.map(toFormat).filter(({ codec }) => !HELPERS.has(codec));
}

/** What to rather have of H.264 (RFC 7742 section 6.2: constrained baseline is what every endpoint decodes). */
const H264_ORDER = ['constrained-baseline', 'baseline', 'main', 'constrained-high', 'high'];

/** Lower is better. In packetization mode 0 no part of a picture may be larger than a packet, so that comes last. */
function rank(format: Offered): number {
  if (format.codec !== 'h264') return 0;
  const at = H264_ORDER.indexOf(h264Profile(format.parameters.get('profile-level-id') ?? '42000a'));
  return (mayFragment(format) ? 0 : 10) + (at < 0 ? 9 : at);
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
  canSend: readonly CodecFormat[],
): EncoderError {
  const list = (names: Iterable<string>) => [...new Set(names)].join(', ') || 'none';
  const pictures = offered.map(({ codec }) => codec).filter((codec) => !HELPERS.has(codec));
  return new EncoderError(
    'no-common-codec',
    `the offer has the video codecs ${list(pictures)}; asked for were ${list(order)}, this engine can send ${list(canSend.map(({ codec }) => codec))}`,
    'leave ?codec= away or name one that the offer has',
  );
}
