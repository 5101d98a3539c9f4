import type { ChannelFromViewer, ChannelToViewer, RuntimeToViewer } from '../../protocol/data-channel.ts';
import { CHANNEL_BURST_MESSAGES, CHANNEL_MESSAGES_PER_SECOND } from '../../protocol/limits.ts';
import { RateLimit } from '../../protocol/rate-limit.ts';
import type { ChannelStats } from '../../protocol/stats.ts';
import { readChannelMessage } from './channel-message.ts';
import { ChannelOutbox, type OutgoingChannel } from './channel-outbox.ts';
import { EncoderError, toErrorInfo } from './encoder-error.ts';

/** A client may open one for commands and one for messages, say. */
const MAX_CHANNELS = 4;
/** A longer message counts as several: reading it takes as long. */
const CHARS_PER_MESSAGE = 16 * 1024;
/** Over the limit, so many at once and then so many a second are dropped with patience; more is no mistake any more. */
const PATIENCE_MESSAGES = 1000;
const PATIENCE_PER_SECOND = CHANNEL_MESSAGES_PER_SECOND / 2;

/** What is used of an RTCDataChannel. */
export type ViewerDataChannel = OutgoingChannel &
  Pick<RTCDataChannel, 'binaryType' | 'onmessage' | 'onopen' | 'onclose'>;

export interface ViewerChannelOptions {
  nowMs: () => number;
  /** See ChannelOutbox. */
  maxMessageBytes: () => number;
  /** The first that is told on each channel. */
  greeting: () => RuntimeToViewer['data'];
  /** The viewer can be told things from now on (once more, on another channel), or no more. */
  onOpen: (isOpen: boolean) => void;
  /** An EncoderError is told the viewer. */
  onMessage: (message: ChannelFromViewer) => void | Promise<void>;
  onWarning: (message: string) => void;
}

/** A viewer's data channels: what comes is read in all of them, within limits, and the newest is spoken on. */
export class ViewerChannel {
  readonly #options: ViewerChannelOptions;
  readonly #limit = new RateLimit(CHANNEL_BURST_MESSAGES, CHANNEL_MESSAGES_PER_SECOND);
  readonly #patience = new RateLimit(PATIENCE_MESSAGES, PATIENCE_PER_SECOND);
  /** An answer to each would be as many again. */
  readonly #scoldings = new RateLimit(1, 1);
  /** In the order in which they opened; without an outbox until then. */
  readonly #channels = new Map<ViewerDataChannel, ChannelOutbox | undefined>();
  #current: ChannelOutbox | undefined;
  #received = 0;
  #refused = 0;
  #dropped = 0;
  #sent = 0;
  #isUsed = false;
  #isCutOff = false;

  constructor(options: ViewerChannelOptions) {
    this.#options = options;
  }

  /** Undefined for a viewer that has had no channel. */
  get stats(): ChannelStats | undefined {
    if (!this.#isUsed) return undefined;
    return {
      open: this.#current !== undefined,
      received: this.#received,
      refused: this.#refused,
      sent: this.#sent + (this.#current?.sent ?? 0),
      dropped: this.#dropped,
      waiting: this.#current?.waiting ?? 0,
    };
  }

  /** One that the viewer has opened. */
  adopt(channel: ViewerDataChannel): void {
    if (this.#isCutOff || this.#channels.size >= MAX_CHANNELS) {
      channel.close();
      return;
    }
    this.#isUsed = true;
    this.#channels.set(channel, undefined);
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => void this.#receive(data);
    channel.onopen = () => this.#opened(channel);
    channel.onclose = () => this.#closed(channel);
    // Open already, before its event (WebRTC, "announcing a data channel instance").
    if (channel.readyState === 'open') this.#opened(channel);
  }

  tell(message: ChannelToViewer): void {
    this.#current?.send(message);
  }

  #opened(channel: ViewerDataChannel): void {
    if (this.#channels.get(channel)) return;
    const outbox = new ChannelOutbox({
      channel,
      maxMessageBytes: this.#options.maxMessageBytes,
      onDropped: () => {
        this.#dropped += 1;
      },
      onOverflow: () =>
        this.#options.onWarning('the data channel of a viewer is closed: it reads too slowly'),
    });
    // The newest last.
    this.#channels.delete(channel);
    this.#channels.set(channel, outbox);
    this.#use(outbox);
    this.tell({ scope: 'runtime', data: this.#options.greeting() });
    this.#options.onOpen(true);
  }

  #closed(channel: ViewerDataChannel): void {
    const outbox = this.#channels.get(channel);
    this.#channels.delete(channel);
    if (!outbox || outbox !== this.#current) return;
    const rest = [...this.#channels.values()].filter((each) => each !== undefined);
    this.#use(rest.at(-1));
    if (!this.#current) this.#options.onOpen(false);
  }

  #use(outbox: ChannelOutbox | undefined): void {
    this.#sent += (this.#current?.sent ?? 0) - (outbox?.sent ?? 0);
    this.#current = outbox;
  }

  async #receive(data: unknown): Promise<void> {
    if (this.#isCutOff) return;
    this.#received += 1;
    const messages = 1 + Math.floor((typeof data === 'string' ? data.length : 0) / CHARS_PER_MESSAGE);
    const nowMs = this.#options.nowMs();
    if (!this.#limit.take(messages, nowMs)) {
      this.#tooMany(nowMs);
      return;
    }
    try {
      await this.#options.onMessage(readChannelMessage(data));
    } catch (error) {
      this.#refused += 1;
      this.#tellError(error);
    }
  }

  #tooMany(nowMs: number): void {
    this.#refused += 1;
    if (!this.#patience.take(1, nowMs)) {
      this.#cutOff();
      return;
    }
    if (!this.#scoldings.take(1, nowMs)) return;
    this.#tellError(
      tooManyMessages('what is over is dropped', 'send fewer: a pointer is told well 60 times a second'),
    );
  }

  /** Says why, then closes them all: none is taken from this viewer any more. */
  #cutOff(): void {
    this.#isCutOff = true;
    this.#options.onWarning('the data channel of a viewer is closed: it keeps sending too many messages');
    this.#tellError(tooManyMessages('and no end: the channel is closed', 'connect anew with POST /whep'));
    for (const channel of this.#channels.keys()) channel.close();
  }

  #tellError(error: unknown): void {
    this.tell({ scope: 'runtime', data: { type: 'error', data: toErrorInfo(error) } });
  }
}

function tooManyMessages(what: string, hint: string): EncoderError {
  return new EncoderError(
    'too-many-messages',
    `more than ${CHANNEL_MESSAGES_PER_SECOND} messages a second on the data channel, ${what}`,
    hint,
  );
}
