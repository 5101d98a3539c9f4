import { EncoderError } from './encoder-error.ts';
import { attributes, parseSdp, type Sdp } from './sdp-sections.ts';

const HINT = 'send the SDP of RTCPeerConnection.createOffer() as it is, with Content-Type: application/sdp';

/** Takes an offer apart, so that the commonest mistakes end in words rather than in Chromium's parser. */
export function parseOffer(text: string): Sdp {
  const sdp = parseSdp(text);
  const fail = (what: string): never => {
    throw new EncoderError('malformed-offer', `the offer ${what}`, HINT);
  };
  if (sdp.session[0] !== 'v=0') fail('does not begin with v=0');
  if (sdp.media.length === 0) fail('has no m-line');
  for (const [index, { lines, kind, mid, rejected }] of sdp.media.entries()) {
    if (rejected) continue;
    const all = [...lines, ...sdp.session];
    // Bundled sections may leave the transport to the first one (RFC 9143 section 7.3).
    const bundled = attributes(sdp.session, 'group').some((group) => group.split(' ').slice(2).includes(mid));
    for (const name of ['ice-ufrag', 'ice-pwd', 'fingerprint']) {
      if (!bundled && attributes(all, name).length === 0)
        fail(`has no a=${name} for m-line ${index} (${kind})`);
    }
  }
  return sdp;
}
