/** One m-line and what belongs to it (RFC 8866 section 5.14). `lines` are without line ends, the m-line first. */
export interface MediaSection {
  kind: string;
  mid: string;
  /** RFC 8829 section 5.3.1: sendrecv where none is given. */
  direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** Port 0: the section was refused or is not in use (RFC 3264 section 6), unless it is bundle-only (RFC 9143 section 6). */
  rejected: boolean;
  lines: string[];
}

/** A session description, taken apart only as far as it is edited. */
export interface Sdp {
  session: string[];
  media: MediaSection[];
}

const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;

/** Takes a description apart; accepts bare line feeds as ends of lines, as RFC 8866 section 5 asks of parsers. */
export function parseSdp(text: string): Sdp {
  const sdp: Sdp = { session: [], media: [] };
  let lines = sdp.session;
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue;
    if (line.startsWith('m=')) {
      lines = [];
      sdp.media.push({ kind: '', mid: '', direction: 'sendrecv', rejected: false, lines });
    }
    lines.push(line);
  }
  for (const section of sdp.media) describe(section);
  return sdp;
}

export function writeSdp({ session, media }: Sdp): string {
  return `${[...session, ...media.flatMap(({ lines }) => lines)].join('\r\n')}\r\n`;
}

/** The values of all `a=name:value` lines. */
export function attributes(lines: readonly string[], name: string): string[] {
  const prefix = `a=${name}:`;
  return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
}

/** RTP encodings by payload type, from `a=rtpmap`, in the order of the m-line: best first. */
export function rtpEncodings({ lines }: MediaSection): Map<string, { name: string; clockHz: number }> {
  const mapped = new Map<string, { name: string; clockHz: number }>();
  for (const value of attributes(lines, 'rtpmap')) {
    const match = /^(\d+) ([^/\s]+)\/(\d+)/.exec(value);
    if (match) mapped.set(match[1] ?? '', { name: match[2] ?? '', clockHz: Number(match[3]) });
  }
  const ordered = new Map<string, { name: string; clockHz: number }>();
  for (const payloadType of (lines[0] ?? '').split(' ').slice(3)) {
    const encoding = mapped.get(payloadType);
    if (encoding) ordered.set(payloadType, encoding);
  }
  return ordered;
}

/** The format parameters of a payload type, in order; empty where there are none. */
export function formatParameters({ lines }: MediaSection, payloadType: string): Map<string, string> {
  const line = lines.find((each) => each.startsWith(`a=fmtp:${payloadType} `));
  return parseParameters(line?.slice(line.indexOf(' ') + 1) ?? '');
}

/** `level-asymmetry-allowed=1;packetization-mode=1`, as it stands behind the payload type. */
export function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(';')) {
    const [key = '', ...value] = part.trim().split('=');
    if (key !== '') parameters.set(key, value.join('='));
  }
  return parameters;
}

/** Writes format parameters in the place of the old ones, or behind the `a=rtpmap` where there were none. */
export function setFormatParameters(
  { lines }: MediaSection,
  payloadType: string,
  parameters: ReadonlyMap<string, string>,
): void {
  const text = [...parameters].map(([key, value]) => (value === '' ? key : `${key}=${value}`)).join(';');
  const line = `a=fmtp:${payloadType} ${text}`;
  const old = lines.findIndex((each) => each.startsWith(`a=fmtp:${payloadType} `));
  if (old >= 0) {
    lines[old] = line;
    return;
  }
  const map = lines.findIndex((each) => each.startsWith(`a=rtpmap:${payloadType} `));
  lines.splice(map < 0 ? lines.length : map + 1, 0, line);
}

function describe(section: MediaSection): void {
  const { lines } = section;
  const [media = '', port = ''] = (lines[0] ?? '').slice('m='.length).split(' ');
  section.kind = media;
  section.mid = attributes(lines, 'mid')[0] ?? '';
  section.direction = DIRECTIONS.find((direction) => lines.includes(`a=${direction}`)) ?? 'sendrecv';
  section.rejected = port === '0' && !lines.includes('a=bundle-only');
}
