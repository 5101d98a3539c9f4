/** The `rel="ice-server"` entries of a Link header (RFC 9725 section 4.6), as RTCPeerConnection takes them. */
export function iceServersOf(header: string | null): RTCIceServer[] {
  const servers: RTCIceServer[] = [];
  // <address>; name="value"; name=value, separated by commas that stand outside of quotes.
  for (const [, address = '', rest = ''] of (header ?? '').matchAll(
    /<([^>]*)>((?:\s*;[^;,"]*(?:"(?:[^"\\]|\\.)*")?)*)/g,
  )) {
    const parameters = new Map<string, string>();
    for (const [, name = '', quoted, plain] of rest.matchAll(
      /;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,\s]*))/g,
    )) {
      parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
    }
    // A wrong address makes the constructor of RTCPeerConnection throw: better no relay than no stream.
    if (parameters.get('rel') !== 'ice-server' || !/^(stuns?|turns?):/i.test(address)) continue;
    const username = parameters.get('username');
    const credential = parameters.get('credential');
    servers.push({
      urls: address,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    });
  }
  return servers;
}
