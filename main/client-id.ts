import { createHash } from 'node:crypto';
import { HostError } from './errors.ts';

/** What a viewer calls itself in `?client=`, over reloads: for itself alone, as whoever knows it can take its place. */
const CLIENT_KEY = /^[A-Za-z0-9_-]{16,64}$/;

/** @throws HostError `bad-client` */
export function readClient(key: string): string {
  if (CLIENT_KEY.test(key)) return key;
  throw new HostError(
    'bad-client',
    `?client= has ${key.length} characters, or others than letters, digits, - and _`,
    'make it once with crypto.randomUUID() and keep it: 16 to 64 characters of A-Za-z0-9_-',
  );
}

/** Whoever sends commands by HTTP. It is never connected. */
export const HTTP_CLIENT_ID = 'http';

/** What the model and other viewers know a client by. 32 bits: two of 1000 viewers are alike once in 10,000 hosts. */
export function publicClientId(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}
