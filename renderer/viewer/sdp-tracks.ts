/**
 * The names of the host's tracks by the `a=mid` of their section, from `a=msid:<stream> <track>` in its answer (RFC 8830).
 * The browser that made the offer keeps its own `track.id`, so the answer's text is where all browsers agree.
 */
export function trackNamesByMid(answer: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const section of answer.split(/^m=/m).slice(1)) {
    const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
    const name = /^a=msid:\S+ (\S+)/m.exec(section)?.[1];
    if (mid !== undefined && name !== undefined) names.set(mid, name);
  }
  return names;
}
