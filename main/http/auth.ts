import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import { isLoopbackHost } from '../loopback.ts';
import { bearerOf, sameSecret } from '../secret.ts';

/** The token of viewers: as a bearer header, or as the cookie that the link with `?token=` leaves in a browser. */
export class ViewerAuth {
  readonly #token: string | undefined;

  constructor(token: string | undefined) {
    this.#token = token;
  }

  allows(headers: Headers, port: number): boolean {
    if (this.#token === undefined) return true;
    if (sameSecret(bearerOf(headers.get('authorization') ?? undefined), this.#token)) return true;
    return sameSecret(cookieOf(headers.get('cookie'), cookieName(port)), this.#cookieValue());
  }

  isToken(given: string): boolean {
    return sameSecret(given, this.#token);
  }

  /**
   * Lax: another site's page can make a browser send it only by leading there, with a GET that changes nothing. Strict would
   * not even be sent after the redirect of a link with `?token=` that stands on another site, a chat or a wiki.
   */
  cookie(port: number): string {
    return `${cookieName(port)}=${this.#cookieValue()}; Path=/; HttpOnly; SameSite=Lax`;
  }

  /** Derived, so that the token itself lies in no browser's cookie store, and is the same after a restart. */
  #cookieValue(): string {
    return createHmac('sha256', this.#token ?? '')
      .update('reactor-host viewer cookie')
      .digest('base64url');
  }
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
