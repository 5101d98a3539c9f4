/** One candidate of ours, as `RTCIceCandidate` has it. */
export interface Candidate {
  candidate: string;
  sdpMid: string | null;
}

/**
 * Candidates as `application/trickle-ice-sdpfrag` (RFC 8840 section 9), for PATCH of a WHEP session.
 *
 * @param offer names the ICE session by its credentials
 */
export function writeFragment(offer: string, candidates: readonly Candidate[], isComplete: boolean): string {
  const value = (name: string) => new RegExp(`^a=${name}:(\\S+)`, 'm').exec(offer)?.[1] ?? '';
  const lines = [`a=ice-ufrag:${value('ice-ufrag')}`, `a=ice-pwd:${value('ice-pwd')}`];
  const firstMid = value('mid') || '0';
  const mids = new Set(candidates.map(({ sdpMid }) => sdpMid ?? firstMid));
  if (mids.size === 0) mids.add(firstMid);
  for (const mid of mids) {
    // RFC 8840 section 9: a pseudo m-line, its values mean nothing.
    lines.push('m=audio 9 UDP/TLS/RTP/SAVPF 0', `a=mid:${mid}`);
    for (const { candidate, sdpMid } of candidates) {
      if ((sdpMid ?? firstMid) === mid) lines.push(`a=${candidate}`);
    }
    if (isComplete) lines.push('a=end-of-candidates');
  }
  return `${lines.join('\r\n')}\r\n`;
}
