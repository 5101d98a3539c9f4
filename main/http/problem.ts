import type { ErrorInfo } from '../../protocol/error.ts';
import type { ErrorCode } from '../errors.ts';
import { HostError } from '../errors.ts';

/** The HTTP status of each code that a request can meet; all others are the host's own fault. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  unauthorized: 401,
  'forbidden-origin': 403,
  'bad-host-header': 403,
  'not-this-machine': 403,
  'not-found': 404,
  'unknown-viewer': 404,
  'method-not-allowed': 405,
  'no-common-codec': 406,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-media-type': 415,
  'malformed-offer': 400,
  'malformed-message': 400,
  'bad-client': 400,
  'malformed-fragment': 400,
  'bad-action': 400,
  'codec-not-agreed': 409,
  'model-not-ours': 409,
  'unknown-codec': 400,
  'unknown-track': 400,
  'precondition-required': 428,
  'too-many-requests': 429,
  'too-many-viewers': 503,
  'model-not-ready': 503,
  'encoder-not-ready': 503,
  'host-ending': 503,
  'encoder-timeout': 504,
  'encoder-failed': 502,
};

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Where trying again helps: after how many seconds. */
const RETRY_AFTER_S: Record<string, number> = {
  'too-many-requests': 1,
  'too-many-viewers': 5,
  'model-not-ready': 2,
  'encoder-not-ready': 1,
  'encoder-timeout': 1,
  'too-many-messages': 1,
};

/** An error as `application/problem+json` (RFC 9457), with our `code` and `hint` beside its fields. */
export function problemResponse(error: HostError, headers: Record<string, string> = {}): Response {
  return problem(STATUS[error.code] ?? 500, error.info, {}, headers);
}

/** The same of an error that another process has made, with `more` members (RFC 9457 section 3.2). */
export function problem(
  status: number,
  { code, message, hint }: ErrorInfo,
  more: object,
  headers: Record<string, string> = {},
): Response {
  const retryAfterS = RETRY_AFTER_S[code];
  return new Response(
    JSON.stringify({
      type: `urn:reactor-host:error:${code}`,
      title: TITLES[status],
      status,
      detail: message,
      hint,
      code,
      ...more,
    }),
    {
      status,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
        ...headers,
      },
    },
  );
}

export function notFound(what: string): HostError {
  return new HostError(
    'not-found',
    `there is nothing at ${what}`,
    'the routes are /, /debug, /whep, /commands, /session, /schema, /health and /events',
  );
}
