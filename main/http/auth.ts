import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import type { Config } from '../config.ts';
import { isLoopbackHost } from '../loopback.ts';
import { bearerOf, sameSecret } from '../secret.ts';

/** Who may do what: an operator may do all that a viewer may. */
export type Role = 'viewer' | 'operator';

/** The tokens of viewers and operators: as a bearer header, or as the cookie that the link with `?token=` leaves in a browser. */
export class TokenAuth {
  readonly #viewerToken: string | undefined;
  readonly #operatorToken: string | undefined;

  constructor({ token, operatorToken }: Pick<Config, 'token' | 'operatorToken'>) {
    this.#viewerToken = token;
    this.#operatorToken = operatorToken;
  }

  allows(role: Role, headers: Headers, port: number): boolean {
    const tokens = this.#tokensOf(role);
    if (!tokens) return true;
    const bearer = bearerOf(headers.get('authorization') ?? undefined);
    const cookie = cookieOf(headers.get('cookie'), cookieName(port));
    return tokens.some((token) => sameSecret(bearer, token) || sameSecret(cookie, cookieValue(token)));
  }

  isToken(role: Role, given: string): boolean {
    return this.#tokensOf(role)?.some((token) => sameSecret(given, token)) ?? false;
  }

  /**
   * Lax: another site's page can make a browser send it only by leading there, with a GET that changes nothing. Strict would
   * not even be sent after the redirect of a link with `?token=` that stands on another site, a chat or a wiki.
   */
  cookie(token: string, port: number): string {
    return `${cookieName(port)}=${cookieValue(token)}; Path=/; HttpOnly; SameSite=Lax`;
  }

  /** Each is enough; undefined: none is asked for. A host that asks its viewers is not open to be operated by all. */
  #tokensOf(role: Role): string[] | undefined {
    const [viewer, operator] = [this.#viewerToken, this.#operatorToken];
    if (viewer === undefined && (role === 'viewer' || operator === undefined)) return undefined;
    return [operator, role === 'viewer' ? viewer : undefined].filter((token) => token !== undefined);
  }
}

/** Derived, so that the token itself lies in no browser's cookie store, and is the same after a restart. */
function cookieValue(token: string): string {
  return createHmac('sha256', token).update('reactor-host viewer cookie').digest('base64url');
}

/** Cookies are shared by all ports of a host: two hosts on one machine must not overwrite each other's. */
function cookieName(port: number): string {
  return `reactor_host_${port}`;
}

function cookieOf(header: string | null, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}

/**
 * Against DNS rebinding: a page of evil.example whose name now resolves to 127.0.0.1 is same-origin with us, but its
 * requests say `Host: evil.example`. Addresses and localhost cannot be rebound.
 */
export function isTrustedHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return isLoopbackHost(name) || isIP(name) !== 0;
}
