import type { ErrorInfo } from '../../protocol/error.ts';

/** What a request of the host can fail with here. The host maps the codes to HTTP statuses. */
export type EncoderErrorCode =
  | 'malformed-offer'
  | 'no-common-codec'
  | 'codec-not-agreed'
  | 'unknown-track'
  | 'unknown-viewer'
  | 'malformed-fragment'
  | 'malformed-message'
  | 'too-large'
  | 'too-many-messages'
  | 'encoder-failed';

/** An error a person can be shown: `message` says what came and what was expected, `hint` what to do about it. */
export class EncoderError extends Error {
  override readonly name = 'EncoderError';
  readonly code: EncoderErrorCode;
  readonly hint: string;

  constructor(code: EncoderErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/** Anything thrown, in the form that crosses to the host. */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof EncoderError) {
    return { code: thrown.code, message: thrown.message, hint: thrown.hint };
  }
  return {
    code: 'encoder-failed',
    message: errorText(thrown),
    hint: "try again; if it happens again, the host's log at --log-level debug says more",
  };
}

export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}
