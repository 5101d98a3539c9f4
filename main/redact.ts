import { type Config, SECRET_KEYS } from './config.ts';

const INSTEAD = '[secret]';

/** Replaces the secrets of the configuration wherever they stand in a text: in a link, a header, a line of the log. */
export class Redactor {
  readonly #forms: string[];

  constructor(config: Pick<Config, (typeof SECRET_KEYS)[number] | 'iceServers'>) {
    const secrets = [
      ...SECRET_KEYS.map((key) => config[key]),
      ...config.iceServers.map(({ credential }) => credential),
    ];
    // As it is, in an address, and in JSON.
    const forms = secrets
      .filter((secret): secret is string => secret !== undefined && secret !== '')
      .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
    // The longest first: one may stand in another.
    this.#forms = [...new Set(forms)].sort((one, other) => other.length - one.length);
  }

  text(text: string): string {
    return this.#forms.reduce((left, form) => left.replaceAll(form, INSTEAD), text);
  }

  /** A copy for people: what is secret is not in it, but shows that it was set. */
  config(config: Config): Record<string, unknown> {
    const hidden = (value: string | undefined) => (value === undefined ? undefined : INSTEAD);
    return {
      ...config,
      ...Object.fromEntries(SECRET_KEYS.map((key) => [key, hidden(config[key])])),
      iceServers: config.iceServers.map((server) => ({ ...server, credential: hidden(server.credential) })),
    };
  }
}

/** An SDP without what would let another take the viewer's place: the passwords of ICE (RFC 8839 section 5.4). */
export function withoutIcePasswords(sdp: string): string {
  return sdp.replace(/^a=ice-pwd:[^\r\n]*/gm, `a=ice-pwd:${INSTEAD}`);
}
