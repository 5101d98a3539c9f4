/**
 * The host's answer after an ICE restart: the one before with the credentials and candidates of its fragment (RFC 8840
 * section 9, RFC 9725 section 4.3.3). All sections are bundled with the first, whose candidates are those of all.
 *
 * @throws Error where the fragment holds no credentials
 */
export function restartedAnswer(answer: string, fragment: string): string {
  const value = (name: string) => new RegExp(`^a=${name}:(\\S+)`, 'm').exec(fragment)?.[1];
  const [ufrag, pwd] = [value('ice-ufrag'), value('ice-pwd')];
  if (ufrag === undefined || pwd === undefined)
    throw new Error('the host answered an ICE restart without credentials');
  const candidates = fragment.match(/^a=(candidate:.*|end-of-candidates)(?=\r?$)/gm) ?? [];
  const [head = '', ...sections] = answer
    .replace(/^a=ice-ufrag:.*(?=\r?$)/gm, `a=ice-ufrag:${ufrag}`)
    .replace(/^a=ice-pwd:.*(?=\r?$)/gm, `a=ice-pwd:${pwd}`)
    .replace(/^a=(candidate:.*|end-of-candidates)\r?\n/gm, '')
    .split(/^(?=m=)/m);
  const [first = '', ...others] = sections;
  return [head, first, ...candidates.map((line) => `${line}\r\n`), ...others].join('');
}
