import { type EncoderToHost, type HostToEncoder, hostToEncoder } from '../../protocol/encoder.ts';
import type { EncoderWelcome, PayloadWay } from '../../protocol/hello.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage } from '../../protocol/wire.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

/** Where the host is and the secret of this run; main puts both into the page's fragment. */
export interface HostAddress {
  wsUrl: string;
  secret: string;
}

export interface HostLinkOptions {
  address: HostAddress;
  /** What this page can take, best first. */
  payloads: PayloadWay[];
  /** See EncoderHello. */
  ringToken: string | undefined;
  onWelcome: (welcome: EncoderWelcome) => void;
  onMessage: (message: Exclude<HostToEncoder, { type: 'welcome' | 'refused' }>, payload: Uint8Array) => void;
  /** The connection broke; the host has forgotten all viewers. */
  onLost: () => void;
  onWarning: (message: string) => void;
}

/** The WebSocket to the host. Connects again with back-off, for the host may be starting anew; a refusal ends it. */
export class HostLink {
  readonly #options: HostLinkOptions;
  #socket: WebSocket | undefined;
  #welcomed = false;
  #refused = false;
  #retryMs = FIRST_RETRY_MS;

  constructor(options: HostLinkOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Goes nowhere while the host is not there: it asks for everything anew when it comes back. */
  send(message: EncoderToHost): void {
    if (this.#welcomed && this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(encodeMessage(message));
  }

  #connect(): void {
    const { address, payloads, ringToken } = this.#options;
    // A browser cannot set headers on a WebSocket: the secret travels as a subprotocol, which the host does not echo.
    const socket = new WebSocket(address.wsUrl, ['reactor-host', `bearer.${address.secret}`]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(
        encodeMessage({
          type: 'hello',
          role: 'encoder',
          version: PROTOCOL_VERSION,
          user_agent: navigator.userAgent.slice(0, 1024),
          payloads,
          ...(ringToken === undefined ? {} : { ring_token: ringToken }),
        }),
      );
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#receive(data);
    socket.onclose = () => this.#closed();
  }

  #receive(data: unknown): void {
    const { onMessage, onWarning, onWelcome } = this.#options;
    try {
      if (!(data instanceof ArrayBuffer)) throw new TypeError('a text message');
      const { header, payload } = decodeMessage(new Uint8Array(data));
      const message = hostToEncoder.parse(header);
      switch (message.type) {
        case 'welcome':
          this.#welcomed = true;
          this.#retryMs = FIRST_RETRY_MS;
          onWelcome(message);
          break;
        case 'refused':
          this.#refused = true;
          console.error(`refused by the host: ${message.error.message} (${message.error.hint})`);
          break;
        default:
          onMessage(message, payload);
      }
    } catch (error) {
      // Main is of the same build: this is a bug of ours, and one message less is better than no stream.
      onWarning(`a message of the host was not understood: ${String(error)}`);
    }
  }

  #closed(): void {
    const wasWelcomed = this.#welcomed;
    this.#welcomed = false;
    if (wasWelcomed) this.#options.onLost();
    if (this.#refused) return;
    setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }
}
