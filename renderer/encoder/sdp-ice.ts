import type { IceCandidate } from '../../protocol/viewer.ts';
import { attributes, parseSdp, writeSdp } from './sdp-sections.ts';

/** What ICE needs of one end: credentials and candidates. */
export interface IceDescription {
  ice_ufrag: string;
  ice_pwd: string;
  candidates: IceCandidate[];
}

/**
 * The viewer's offer again, as if it had been made with new ICE credentials: WHEP sends only those (RFC 8840), while
 * Chromium restarts ICE on a whole description (RFC 8829 section 5.10).
 */
export function withIceRestart(sdp: string, restart: IceDescription): string {
  const parsed = parseSdp(sdp);
  parsed.session = parsed.session.map((line) => replaceCredentials(nextVersion(line), restart));
  for (const section of parsed.media) {
    const own = restart.candidates.filter(({ mid }) => mid === section.mid);
    section.lines = [
      ...section.lines
        .filter((line) => !/^a=(candidate:|end-of-candidates)/.test(line))
        .map((line) => replaceCredentials(line, restart)),
      ...own.map(({ candidate }) => `a=${candidate.replace(/^a=/, '')}`),
    ];
  }
  return writeSdp(parsed);
}

/** Our own half, from the local description. Bundled sections repeat the first one's, so that one is enough. */
export function iceOf(sdp: string): IceDescription | undefined {
  const parsed = parseSdp(sdp);
  for (const section of parsed.media) {
    const lines = [...section.lines, ...parsed.session];
    const [ice_ufrag] = attributes(lines, 'ice-ufrag');
    const [ice_pwd] = attributes(lines, 'ice-pwd');
    if (section.rejected || ice_ufrag === undefined || ice_pwd === undefined) continue;
    const candidates = attributes(section.lines, 'candidate').map((candidate) => ({
      mid: section.mid,
      candidate: `candidate:${candidate}`,
    }));
    return { ice_ufrag, ice_pwd, candidates };
  }
  return undefined;
}

function replaceCredentials(line: string, { ice_ufrag, ice_pwd }: IceDescription): string {
  if (line.startsWith('a=ice-ufrag:')) return `a=ice-ufrag:${ice_ufrag}`;
  if (line.startsWith('a=ice-pwd:')) return `a=ice-pwd:${ice_pwd}`;
  return line;
}

/** RFC 3264 section 8: a changed description has a higher version in its origin line. */
function nextVersion(line: string): string {
  const match = /^(o=\S+ \S+ )(\d+)( .*)$/.exec(line);
  return match ? `${match[1]}${BigInt(match[2] ?? '0') + 1n}${match[3]}` : line;
}
