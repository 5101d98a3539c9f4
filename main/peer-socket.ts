import type { RawData, WebSocket } from 'ws';
import { PROTOCOL_VERSION } from '../protocol/limits.ts';
import { decodeMessage, encodeMessage, WireError } from '../protocol/wire.ts';
import { HostError } from './errors.ts';

/** How long a peer may take to say hello. Both peers say it at once; a slow machine needs a second at most. */
export const HELLO_LIMIT_MS = 5_000;

/** 64 tracks at 240 fps are 15,360 messages a second; nobody honest sends more. */
const MAX_MESSAGES_PER_SECOND = 20_000;

const CLOSE_POLICY_VIOLATION = 1008; // RFC 6455 section 7.4.1

/** A message as it came: its bytes can be forwarded, its header is not validated yet. */
export interface Incoming {
  bytes: Uint8Array;
  header: unknown;
  payload: Uint8Array;
}

/** One WebSocket of ours: takes messages apart, counts them, refuses in words. */
export class PeerSocket {
  /** False once it is closed or refused: what is sent then goes nowhere. */
  get open(): boolean {
    return !this.#refused && this.#socket.readyState === this.#socket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  readonly #socket: WebSocket;
  #refused = false;
  #second = 0;
  #messages = 0;

  constructor(
    socket: WebSocket,
    handlers: {
      onMessage: (message: Incoming) => void;
      /** The peer broke the protocol; it has been refused already. */
      onRefused: (error: HostError) => void;
      onClose: () => void;
    },
    nowMs: () => number,
  ) {
    this.#socket = socket;
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (this.#refused) return;
      try {
        this.#count(Math.floor(nowMs() / 1000));
        if (!isBinary) throw new WireError('a text message');
        // ws hands out one Buffer a message with binaryType nodebuffer, its default.
        const bytes = data as Buffer;
        handlers.onMessage({ bytes, ...decodeMessage(bytes) });
      } catch (thrown) {
        const error =
          thrown instanceof HostError
            ? thrown
            : new HostError(
                'bad-message',
                thrown instanceof Error ? thrown.message : String(thrown),
                'the peer does not speak the protocol in protocol/: is it of the same release as the host?',
                { cause: thrown },
              );
        this.refuse(error);
        handlers.onRefused(error);
      }
    });
    socket.on('close', () => handlers.onClose());
    // Always followed by close, which is where it is handled.
    socket.on('error', () => {});
  }

  send(header: object): void {
    if (this.open) this.#socket.send(encodeMessage(header));
  }

  /** Sends a message that another peer sent, byte by byte. */
  forward(bytes: Uint8Array): void {
    if (this.open) this.#socket.send(bytes);
  }

  /** Says why, then closes. */
  refuse(error: HostError): void {
    if (this.#refused) return;
    this.send({ type: 'refused', error: error.info });
    this.#refused = true;
    this.#socket.close(CLOSE_POLICY_VIOLATION, error.code);
    // A peer that does not answer the close frame is cut off.
    setTimeout(() => this.#socket.terminate(), 1000).unref();
  }

  /** Is the other end alive? Its WebSocket answers by itself (RFC 6455 section 5.5.2), whatever its program does. */
  isAlive(limitMs: number): Promise<boolean> {
    if (!this.open) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (alive: boolean) => {
        clearTimeout(timer);
        this.#socket.off('pong', onPong);
        this.#socket.off('close', onClose);
        resolve(alive);
      };
      const onPong = () => done(true);
      const onClose = () => done(false);
      const timer = setTimeout(() => done(false), limitMs);
      this.#socket.on('pong', onPong);
      this.#socket.on('close', onClose);
      this.#socket.ping();
    });
  }

  close(): void {
    this.#socket.close();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #count(second: number): void {
    if (second !== this.#second) {
      this.#second = second;
      this.#messages = 0;
    }
    if (++this.#messages > MAX_MESSAGES_PER_SECOND) {
      throw new HostError(
        'too-many-messages',
        `more than ${MAX_MESSAGES_PER_SECOND} messages in a second`,
        'send fewer, larger pieces of sound',
      );
    }
  }
}

/** The same words in both directions: `who` is the peer. */
export function versionMismatch(who: string, version: number): HostError {
  const newer = version > PROTOCOL_VERSION ? who : 'host';
  return new HostError(
    'version-mismatch',
    `the ${who} speaks version ${version} of the protocol, this host version ${PROTOCOL_VERSION}`,
    `the ${newer} is newer: install the same release of reactor-host on both sides`,
  );
}

/** The first complaint of a schema, with the path of the field. */
export function describeIssue(error: {
  issues: ReadonlyArray<{ path: PropertyKey[]; message: string }>;
}): string {
  const issue = error.issues[0];
  if (!issue) return 'is not valid';
  const where = issue.path.map(String).join('.');
  return where === '' ? issue.message : `${where}: ${issue.message}`;
}
