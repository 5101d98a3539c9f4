import type { Config } from '../config.ts';
import { isLoopbackHost } from '../loopback.ts';

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
