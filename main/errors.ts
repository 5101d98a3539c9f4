import type { ErrorInfo } from '../protocol/error.ts';

/**
 * Every error code a user can meet, with what it means. `docs/errors.md` has a section for each; a test compares.
 * The codes that an encoder page or a model sends with its own words are listed too, so that one list is complete.
 */
export const ERROR_CODES = {
  'bad-option':
    'A flag, environment variable or key of the config file is unknown, misspelt or has a wrong value.',
  'bad-config-file': 'The file given with --config cannot be read, or is not YAML or JSON.',
  'no-model': 'No model was named and the bundled example is not there.',
  'bind-without-token': 'Listening beyond this machine was asked for without a token.',
  'port-in-use': 'Another program listens on the port already.',
  'cannot-listen': 'The address or port cannot be listened on.',
  'not-built': 'The bundles in dist/ are missing.',
  'no-engine': 'Neither Electron nor any Chromium was found.',
  'engine-missing': 'The engine that was asked for is not on this machine.',
  'engine-failed': 'The browser engine started but ended, or never came up.',
  'no-display': 'Electron needs an X display on Linux, and there is neither a display nor Xvfb.',
  'no-python': 'No Python interpreter was found.',
  'python-too-old': 'The Python interpreter is older than the oldest supported one.',
  'python-without-packages': 'The Python interpreter lacks packages that the model host needs.',
  'python-install-failed': 'The Python environment of an installed package could not be made.',
  'model-fatal':
    'The model cannot run at all: a wrong file, declaration or import. Running it again cannot help.',
  'model-crashed': 'The model ended with an error and is started again.',
  'host-failed': 'Something unexpected went wrong in the host itself.',
  'host-unreachable': 'No running host was found at the address, or it ended.',
  unauthorized: 'The request carries no token, or a wrong one.',
  'forbidden-origin': 'A web page of another origin asked, and that origin is not allowed.',
  'bad-host-header': 'The Host header names something else than this machine (DNS rebinding).',
  'not-this-machine': 'The route is only for programs on this machine.',
  'not-found': 'There is nothing at this address.',
  'method-not-allowed': 'The address exists, but not for this method.',
  'unknown-viewer': 'The viewer is not known (any more).',
  'unsupported-media-type': 'The body has another content type than the route takes.',
  'too-large': 'The body, or the message on the data channel, is larger than the limit.',
  'malformed-offer': 'The body is not an SDP offer that WebRTC could answer.',
  'malformed-fragment': 'The body is not an SDP fragment for trickle ICE (RFC 8840).',
  'malformed-message': 'A message on the data channel, or the body of a command, was not understood.',
  'bad-action': 'The body is not an action that the debug page can ask for.',
  'codec-not-agreed': 'A viewer cannot be switched to a codec that was not agreed on when it connected.',
  'model-not-ours': 'The model was not started by this host, which therefore cannot restart it.',
  'unknown-codec': '?codec= names a codec that the host does not know.',
  'no-common-codec': 'The viewer offers none of the video codecs that were asked for.',
  'bad-client': '?client= is not 16 to 64 letters, digits, - and _.',
  'unknown-track': '?tracks= names a track that the model does not have.',
  'unknown-command': 'The model has no command of that name.',
  'invalid-command': 'A parameter of the command is missing, unknown or not allowed.',
  'command-failed': 'The handler of the command raised an error.',
  'command-timeout': 'The model did not run the command in time.',
  'viewer-too-slow': 'A viewer does not read what it is told.',
  'precondition-required': 'A PATCH came without If-Match.',
  'precondition-failed': 'If-Match names another ICE session than the current one.',
  'too-many-requests': 'More requests came than the limit allows.',
  'too-many-viewers': 'As many viewers as allowed are connected already.',
  'host-ending': 'The host has been asked to end, and takes no new viewers.',
  'model-not-ready': 'No model has said yet which tracks it has.',
  'encoder-not-ready': 'The encoder page is not connected.',
  'encoder-timeout': 'The encoder page did not answer in time.',
  'encoder-failed': 'The encoder page could not do what was asked.',
  'bad-secret': 'A model or encoder page connected without the secret of this run.',
  'hello-timeout': 'A model or encoder page connected and did not say hello.',
  'bad-hello': 'The first message of a model or encoder page is not a valid hello.',
  'version-mismatch': 'The peer speaks another version of the protocol.',
  'model-already-connected': 'A model is connected already and alive.',
  'bad-message': 'A peer sent a message that the protocol does not allow.',
  'too-many-messages': 'A model or a viewer sent more messages than are taken.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error a user can meet: `message` says what came and what was expected, `hint` what to do about it. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  /** The form in which it crosses processes and HTTP. */
  get info(): ErrorInfo {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}

/** Anything thrown, as an error a user can be shown. Unexpected ones keep their stack as the cause. */
export function toHostError(thrown: unknown): HostError {
  if (thrown instanceof HostError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new HostError(
    'host-failed',
    message,
    'this is unexpected: run with --log-level debug for the details',
    {
      cause: thrown,
    },
  );
}
