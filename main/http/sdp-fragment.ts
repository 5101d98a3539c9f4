import type { IceCandidate } from '../../protocol/viewer.ts';
import { HostError } from '../errors.ts';

/** `application/trickle-ice-sdpfrag` (RFC 8840 section 9): credentials and candidates under pseudo m-lines. */
export interface SdpFragment {
  iceUfrag: string | undefined;
  icePwd: string | undefined;
  /** Each with its `candidate:...` value; `mid` is undefined where the fragment names none. */
  candidates: { mid: string | undefined; candidate: string }[];
  endOfCandidates: boolean;
}

/** As many as one message to the encoder page takes. */
const MAX_CANDIDATES = 64;

/** @throws HostError `malformed-fragment` */
export function readFragment(text: string): SdpFragment {
  const fragment: SdpFragment = {
    iceUfrag: undefined,
    icePwd: undefined,
    candidates: [],
    endOfCandidates: false,
  };
  let mid: string | undefined;
  let understood = false;
  for (const line of text.split(/\r\n|\n/)) {
    if (line === '') continue;
    if (!/^[a-z]=/.test(line)) throw malformed(`the line "${line.slice(0, 80)}" is not of the form x=value`);
    if (line.startsWith('m=')) {
      mid = undefined;
      continue;
    }
    const [, name = '', value = ''] = /^a=([^:]+):?(.*)$/.exec(line) ?? [];
    // Lines of no concern to us, such as a=group or a=ice-options, are allowed.
    understood ||= ['mid', 'ice-ufrag', 'ice-pwd', 'candidate', 'end-of-candidates'].includes(name);
    if (name === 'mid') mid = value.slice(0, 64);
    else if (name === 'ice-ufrag') fragment.iceUfrag ??= value;
    else if (name === 'ice-pwd') fragment.icePwd ??= value;
    else if (name === 'end-of-candidates') fragment.endOfCandidates = true;
    else if (name === 'candidate') {
      if (value.length > 1000) throw malformed('a candidate of over 1000 characters');
      fragment.candidates.push({ mid, candidate: `candidate:${value}` });
    }
  }
  if (!understood) throw malformed('it holds neither ICE credentials nor candidates');
  if (fragment.candidates.length > MAX_CANDIDATES) {
    throw malformed(`${fragment.candidates.length} candidates, at most ${MAX_CANDIDATES} at once`);
  }
  const { iceUfrag, icePwd } = fragment;
  // RFC 8839 section 5.4.
  if (iceUfrag !== undefined && !/^[A-Za-z0-9+/]{4,256}$/.test(iceUfrag))
    throw malformed('a=ice-ufrag is not 4 to 256 ice-chars');
  if (icePwd !== undefined && !/^[A-Za-z0-9+/]{22,256}$/.test(icePwd))
    throw malformed('a=ice-pwd is not 22 to 256 ice-chars');
  return fragment;
}

/** The answer to an ICE restart: our new credentials and candidates, under the m-line all others are bundled with. */
export function writeFragment(content: {
  iceUfrag: string;
  icePwd: string;
  candidates: readonly IceCandidate[];
  mid: string;
}): string {
  const lines = [
    `a=ice-ufrag:${content.iceUfrag}`,
    `a=ice-pwd:${content.icePwd}`,
    // RFC 8840 section 9: a pseudo m-line, its values mean nothing.
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    `a=mid:${content.mid}`,
    ...content.candidates
      .filter(({ mid }) => mid === content.mid)
      .map(({ candidate }) => `a=${candidate.replace(/^a=/, '')}`),
    'a=end-of-candidates',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function malformed(what: string): HostError {
  return new HostError(
    'malformed-fragment',
    `not an SDP fragment: ${what}`,
    'send a=ice-ufrag and a=ice-pwd, then m=, a=mid and a=candidate lines (RFC 8840 section 9)',
  );
}
