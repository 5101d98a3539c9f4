import { HostError } from '../errors.ts';

/** What the host itself needs to know of an offer; all else is the browser's business. */
export interface OfferSummary {
  kinds: string[];
  firstMid: string;
  iceUfrag: string;
  /** RTP encoding names of the video m-lines, upper case, without repair and redundancy formats. */
  videoCodecs: string[];
}

const NOT_CODECS = new Set(['RTX', 'RED', 'ULPFEC', 'FLEXFEC-03', 'FLEXFEC']);

/** Looks an offer over before the encoder page is bothered. @throws HostError `malformed-offer` saying what is missing. */
export function readOffer(sdp: string): OfferSummary {
  const lines = sdp.split(/\r\n|\n/);
  if (lines[0] !== 'v=0') throw malformed(sdp === '' ? 'the body is empty' : 'it does not begin with v=0');
  const kinds: string[] = [];
  const videoCodecs = new Set<string>();
  let firstMid: string | undefined;
  let iceUfrag: string | undefined;
  let hasPassword = false;
  let hasFingerprint = false;
  for (const line of lines) {
    if (line.startsWith('m=')) kinds.push(line.slice(2).split(' ')[0] ?? '');
    else if (line.startsWith('a=mid:')) firstMid ??= line.slice('a=mid:'.length);
    else if (line.startsWith('a=ice-ufrag:')) iceUfrag ??= line.slice('a=ice-ufrag:'.length);
    else if (line.startsWith('a=ice-pwd:')) hasPassword = true;
    else if (line.startsWith('a=fingerprint:')) hasFingerprint = true;
    else if (line.startsWith('a=rtpmap:') && kinds.at(-1) === 'video') {
      const name = /^a=rtpmap:\d+ ([^/ ]+)\//.exec(line)?.[1]?.toUpperCase();
      if (name && !NOT_CODECS.has(name)) videoCodecs.add(name);
    }
  }
  if (!kinds.includes('audio') && !kinds.includes('video'))
    throw malformed('it has no audio or video m-line');
  if (iceUfrag === undefined || !hasPassword) throw malformed('a=ice-ufrag or a=ice-pwd is missing');
  if (!hasFingerprint) throw malformed('a=fingerprint is missing');
  return { kinds, firstMid: firstMid ?? '0', iceUfrag, videoCodecs: [...videoCodecs] };
}

function malformed(what: string): HostError {
  return new HostError(
    'malformed-offer',
    `not an SDP offer that WebRTC could answer: ${what}`,
    'send RTCPeerConnection.localDescription.sdp after createOffer with a recvonly transceiver for each track',
  );
}
