import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits as text that is safe in headers, subprotocols and URLs. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** 128 random bits: nobody guesses a viewer's id (RFC 9725 section 4.2 lets the URL be the only key to a session). */
export function randomId(): string {
  return randomBytes(16).toString('base64url');
}

/** Compares without telling by its duration how much of it matched. */
export function sameSecret(given: string | undefined, wanted: string | undefined): boolean {
  if (given === undefined || wanted === undefined) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/** The credentials of `Authorization: Bearer ...` (RFC 6750 section 2.1). */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}
