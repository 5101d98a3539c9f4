import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Role } from './auth.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

/** Pages are given nothing that they do not name here. */
const VIEWER_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "media-src 'self' blob: mediastream:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** As the viewer page's, but that a snapshot of a picture is saved from a `blob:` address. */
export function debugPolicy(): string {
  return VIEWER_POLICY.replace("img-src 'self' data:", "img-src 'self' data: blob:");
}

/** `connect` is where the encoder page's WebSocket goes. Workers are for the shared encoder. */
export function encoderPolicy(connect: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "worker-src 'self'",
    `connect-src ${connect}`,
    'media-src blob: mediastream:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** A file of a page's folder, or undefined. Only plain names are served: nothing below, nothing above. */
export async function pageFile(
  folder: string,
  name: string,
  policy: string = VIEWER_POLICY,
): Promise<Response | undefined> {
  const type = TYPES[path.extname(name)];
  if (type === undefined || !/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/.test(name)) return undefined;
  const content = await readFile(path.join(folder, name)).catch(() => undefined);
  if (content === undefined) return undefined;
  return new Response(new Uint8Array(content), {
    headers: {
      'content-type': type,
      // Always asked for again: a new build of the host must not meet an old page.
      'cache-control': 'no-cache',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    },
  });
}

/** For a person who opened the link without its token. */
export function loginPage(role: Role): Response {
  const text =
    role === 'viewer'
      ? 'This stream needs a token.\n\nOpen the link that the host printed when it started: it ends in /?token=...\n'
      : 'This page needs the token of operators.\n\nStart the host with --debug and open the link that it prints, or set --operator-token.\n';
  return new Response(text, {
    status: 401,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'www-authenticate': 'Bearer realm="reactor-host"',
      'cache-control': 'no-store',
    },
  });
}
