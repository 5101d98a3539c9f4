import type { CommandOutcome } from './command-sender.ts';

/** One value on the way at a time; of those that come meanwhile, the last one goes next. For what is dragged. */
export class LatestSender<T> {
  readonly #send: (value: T) => Promise<CommandOutcome>;
  readonly #onSettled: (value: T, outcome: CommandOutcome) => void;
  #isSending = false;
  #next: { value: T } | undefined;

  /** @param onSettled after the last value was answered, not after those that another one has followed */
  constructor(
    send: (value: T) => Promise<CommandOutcome>,
    onSettled: (value: T, outcome: CommandOutcome) => void,
  ) {
    this.#send = send;
    this.#onSettled = onSettled;
  }

  get isBusy(): boolean {
    return this.#isSending;
  }

  push(value: T): void {
    this.#next = { value };
    if (!this.#isSending) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isSending = true;
    let last: { value: T; outcome: CommandOutcome } | undefined;
    while (this.#next) {
      const { value } = this.#next;
      this.#next = undefined;
      last = { value, outcome: await this.#send(value) };
    }
    this.#isSending = false;
    if (last) this.#onSettled(last.value, last.outcome);
  }
}
