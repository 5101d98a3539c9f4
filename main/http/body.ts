import { HostError } from '../errors.ts';

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

/** The media type without parameters, in lower case (RFC 9110 section 8.3.1). */
export function mediaType(request: Request): string {
  return (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
