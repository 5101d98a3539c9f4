import type { ChannelToViewer } from '../../protocol/data-channel.ts';

/** Chromium keeps at most 16 MiB in a channel. Less than a second of a slow link's commands and messages is enough. */
const HIGH_BYTES = 256 * 1024;
const LOW_BYTES = 64 * 1024;
/** What may wait behind that: a schema, the state and many messages. A viewer that reads nothing meets it. */
const MAX_WAITING_CHARS = 1024 * 1024;

/** What is used of an RTCDataChannel. */
export type OutgoingChannel = Pick<
  RTCDataChannel,
  'readyState' | 'bufferedAmount' | 'bufferedAmountLowThreshold' | 'onbufferedamountlow' | 'send' | 'close'
>;

export interface ChannelOutboxOptions {
  channel: OutgoingChannel;
  /** The most bytes of one message that the viewer takes (RTCSctpTransport.maxMessageSize). */
  maxMessageBytes: () => number;
  /** Something was not sent. */
  onDropped: () => void;
  /** More waits than may: the channel is closed. */
  onOverflow: () => void;
}

/** What the host has to say to a viewer, as fast as its link and its browser take it. */
export class ChannelOutbox {
  readonly #options: ChannelOutboxOptions;
  readonly #waiting: string[] = [];
  #waitingChars = 0;
  #sent = 0;
  #isFull = false;

  constructor(options: ChannelOutboxOptions) {
    this.#options = options;
    const { channel } = options;
    channel.bufferedAmountLowThreshold = LOW_BYTES;
    channel.onbufferedamountlow = () => this.#drain();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get sent(): number {
    return this.#sent;
  }

  send(message: ChannelToViewer): void {
    const { channel, onDropped, onOverflow, maxMessageBytes } = this.#options;
    if (this.#isFull || channel.readyState !== 'open') return;
    const text = JSON.stringify(message);
    if (isLonger(text, maxMessageBytes())) {
      onDropped();
      // Chromium would close the channel.
      if (message.data.type !== 'error') this.send(tooLarge(message, text.length, maxMessageBytes()));
      return;
    }
    if (this.#waiting.length === 0 && channel.bufferedAmount < HIGH_BYTES) {
      this.#write(text);
      return;
    }
    // The next second brings another.
    if (message.scope === 'runtime' && message.data.type === 'host_timing') {
      onDropped();
      return;
    }
    this.#waiting.push(text);
    this.#waitingChars += text.length;
    if (this.#waitingChars <= MAX_WAITING_CHARS) return;
    this.#isFull = true;
    for (const _ of this.#waiting) onDropped();
    this.#waiting.length = 0;
    // Behind what the channel has still to send, and before its end (RFC 8831 section 6.7).
    this.#write(JSON.stringify(TOO_SLOW));
    channel.close();
    onOverflow();
  }

  #drain(): void {
    const { channel } = this.#options;
    while (this.#waiting.length > 0 && channel.readyState === 'open' && channel.bufferedAmount < HIGH_BYTES) {
      const text = this.#waiting.shift() as string;
      this.#waitingChars -= text.length;
      this.#write(text);
    }
  }

  #write(text: string): void {
    this.#options.channel.send(text);
    this.#sent += 1;
  }
}

const TOO_SLOW: ChannelToViewer = {
  scope: 'runtime',
  data: {
    type: 'error',
    data: {
      code: 'viewer-too-slow',
      message: `more than ${MAX_WAITING_CHARS} characters wait for this viewer, the channel is closed`,
      hint: 'read what comes, or connect anew with POST /whep',
    },
  },
};

function tooLarge({ data }: ChannelToViewer, chars: number, maxBytes: number): ChannelToViewer {
  return {
    scope: 'runtime',
    data: {
      type: 'error',
      data: {
        code: 'too-large',
        message: `${data.type} has ${chars} characters, this channel carries ${maxBytes} bytes (a=max-message-size)`,
        hint: 'GET /schema, /session and /events tell the same',
      },
    },
  };
}

function isLonger(text: string, maxBytes: number): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8.
  return text.length * 3 > maxBytes && new TextEncoder().encode(text).byteLength > maxBytes;
}
