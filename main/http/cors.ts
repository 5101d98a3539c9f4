import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config.ts';
import { HostError } from '../errors.ts';
import { isLoopbackHost } from '../loopback.ts';

/** Does the request come from a page of this host, or from no page at all? */
export function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}

/**
 * For what an operator does: a page of another origin may not, whatever else it is allowed (`--cors-origins`).
 *
 * @throws HostError `forbidden-origin`
 */
export function requireOwnPage(headers: IncomingHttpHeaders): void {
  // Fetch Metadata: a browser tells it also where it sends no Origin, with an image or a link. A link a person opens is `none`,
  // or leads from another site to the page itself, which is harmless.
  const site = headers['sec-fetch-site'];
  const leads = headers['sec-fetch-mode'] === 'navigate';
  if (isOwnOrigin(headers) && (site === undefined || site === 'same-origin' || site === 'none' || leads))
    return;
  throw new HostError(
    'forbidden-origin',
    `this is for this host's own debug page, not for pages of ${String(headers.origin ?? 'another site').slice(0, 255)}`,
    'open /debug of the host itself',
  );
}

/** Which foreign origin may a page have that talks to us? `*` is any. The list of the configuration wins. */
export function allowedOrigin(
  origin: string,
  config: Pick<Config, 'corsOrigins' | 'token'>,
): string | undefined {
  const { corsOrigins, token } = config;
  if (corsOrigins) {
    if (corsOrigins.includes('*')) return '*';
    return corsOrigins.includes(origin) ? origin : undefined;
  }
  // The page has to bring the token itself; the cookie is never sent along (no Allow-Credentials).
  if (token !== undefined) return '*';
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return undefined;
  }
  return isLoopbackHost(url.hostname) ? origin : undefined;
}

/** Headers of every answer to an allowed foreign origin. */
export function corsHeaders(allowed: string): Record<string, string> {
  return {
    'access-control-allow-origin': allowed,
    'access-control-expose-headers': 'Location, ETag, Link, Accept-Patch, Accept-Post, Retry-After',
    vary: 'Origin',
  };
}

/** Headers of the answer to a preflight request. */
export function preflightHeaders(methods: string): Record<string, string> {
  return {
    'access-control-allow-methods': methods,
    'access-control-allow-headers': 'Authorization, Content-Type, If-Match',
    'access-control-max-age': '600',
  };
}
