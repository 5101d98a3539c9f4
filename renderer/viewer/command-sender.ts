import type { RuntimeToViewer, ViewerToApplication } from '../../protocol/data-channel.ts';
import type { CommandFailure } from '../../protocol/interaction.ts';
import { MAX_CHANNEL_MESSAGE_CHARS } from '../../protocol/limits.ts';

/** The host answers each command within 30 s, but not one that it has dropped because too many came. */
const ANSWER_LIMIT_MS = 35_000;

/** Null: the command has run. */
export type CommandOutcome = CommandFailure | null;

export interface CommandSenderOptions {
  /** Puts a text on the channel. @returns false when there is no open channel */
  send: (text: string) => boolean;
  /** A command that nobody waits for was refused. */
  onRefused: (command: string, failure: CommandFailure) => void;
}

/** Sends commands on the viewer's data channel, and finds for each answer who waits for it. */
export class CommandSender {
  readonly #options: CommandSenderOptions;
  readonly #waiting = new Map<number, (outcome: CommandOutcome) => void>();
  #lastId = 0;

  constructor(options: CommandSenderOptions) {
    this.#options = options;
  }

  /** Sends a command and waits for what became of it. Never rejects. */
  call(name: string, data: Record<string, unknown>): Promise<CommandOutcome> {
    this.#lastId += 1;
    const id = this.#lastId;
    const failure = this.#send({ type: name, data, request_id: id });
    if (failure) return Promise.resolve(failure);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(id, NOT_ANSWERED), ANSWER_LIMIT_MS);
      this.#waiting.set(id, (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
    });
  }

  /** Sends a command whose success nobody waits for. */
  cast(name: string, data: Record<string, unknown>): void {
    const failure = this.#send({ type: name, data });
    if (failure && failure.code !== 'not-connected') this.#options.onRefused(name, failure);
  }

  /** What the host says; of no concern here unless it answers a command. */
  read(message: RuntimeToViewer['data']): void {
    if (message.type === 'command_result') this.#settle(message.data.request_id, null);
    if (message.type !== 'command_error') return;
    const { request_id, command, error } = message.data;
    if (!this.#settle(request_id, error)) this.#options.onRefused(command, error);
  }

  /** The channel is gone, and with it every answer. */
  disconnected(): void {
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id, {
        ...NOT_CONNECTED,
        message: 'the connection was lost before an answer came',
        hint: 'it may have run all the same; try again once the picture is back',
      });
    }
  }

  #settle(id: string | number | null, outcome: CommandOutcome): boolean {
    const resolve = typeof id === 'number' ? this.#waiting.get(id) : undefined;
    if (!resolve || typeof id !== 'number') return false;
    this.#waiting.delete(id);
    resolve(outcome);
    return true;
  }

  #send(data: ViewerToApplication['data']): CommandFailure | null {
    const text = JSON.stringify({ scope: 'application', data } satisfies ViewerToApplication);
    // Browsers count bytes (RFC 8841 section 6: a=max-message-size), the host counts characters, which are no more.
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > MAX_CHANNEL_MESSAGE_CHARS) {
      return {
        code: 'message-too-large',
        message: `this has ${bytes} bytes, and one message carries ${MAX_CHANNEL_MESSAGE_CHARS}`,
        hint: 'send less',
        field: null,
        limit: null,
      };
    }
    return this.#options.send(text) ? null : NOT_CONNECTED;
  }
}

const NOT_CONNECTED: CommandFailure = {
  code: 'not-connected',
  message: 'not sent: there is no connection to the host now',
  hint: 'try again once the picture is back',
  field: null,
  limit: null,
};

const NOT_ANSWERED: CommandFailure = {
  code: 'no-answer',
  message: `no answer came within ${ANSWER_LIMIT_MS / 1000} s`,
  hint: 'it may have run all the same',
  field: null,
  limit: null,
};
