import type { z } from 'zod';
import { HostError } from '../errors.ts';
import { describeIssue } from '../peer-socket.ts';

/** Reads a body as UTF-8 text. @throws HostError `too-large`, with `hint`, as soon as it is known to be over `limitBytes`. */
export async function readText(request: Request, limitBytes: number, hint: string): Promise<string> {
  const tooLarge = () =>
    new HostError('too-large', `the body is over the limit of ${limitBytes} bytes`, hint);
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) throw tooLarge();
  if (!request.body) return '';
  const reader = request.body.getReader();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > limitBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    parts.push(value);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** What to say, with `hint`, where the body is of another media type than `expected`; undefined where it is of that. */
export function otherMediaType(request: Request, expected: string, hint: string): HostError | undefined {
  const type = mediaType(request);
  if (type === expected) return undefined;
  return new HostError(
    'unsupported-media-type',
    `got ${type || 'no content type'}, expected ${expected}`,
    hint,
  );
}

/** A body of JSON. @throws what `refused` makes of what is wrong with it */
export function readJson<T extends z.ZodType>(
  text: string,
  schema: T,
  refused: (what: string) => HostError,
): z.infer<T> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw refused('it is not JSON');
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw refused(describeIssue(parsed.error));
}

/** Without parameters, in lower case (RFC 9110 section 8.3.1). */
function mediaType(request: Request): string {
  return (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
