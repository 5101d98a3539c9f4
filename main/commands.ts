import type { CommandDone, CommandFailure, ModelCommand, ModelInterface } from '../protocol/interaction.ts';
import { Signal } from './signal.ts';
import { didYouMean } from './suggest.ts';

/** Handlers run between steps, and a step of a large model takes seconds. */
const COMMAND_LIMIT_MS = 30_000;
/** Of one client, not yet run: a pointer's for some seconds. A model that is that far behind is no longer steered. */
const MAX_WAITING_OF_A_CLIENT = 1000;

export type CommandOutcome = Pick<CommandDone, 'error' | 'reply'>;

/** What became of a command, for statistics and the log. */
export interface CommandEnd {
  clientId: string;
  name: string;
  /** The model's log has it too; null for one that was refused before. */
  requestId: number | null;
  /** Given to the model until it had run; null for one that was refused before. */
  ms: number | null;
  /** Why it was refused, or `command-failed`; null where it has run. */
  code: string | null;
}

interface Waiting {
  clientId: string;
  name: string;
  sinceMs: number;
  settle: (outcome: CommandOutcome) => void;
}

/** The commands that the model has been given and has not run yet. */
export class Commands {
  readonly settled = new Signal<[CommandEnd]>();
  readonly #send: (command: ModelCommand) => void;
  readonly #nowMs: () => number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #waitingOf = new Map<string, number>();
  #nextId = 1;

  constructor(send: (command: ModelCommand) => void, nowMs: () => number) {
    this.#send = send;
    this.#nowMs = nowMs;
  }

  /** How many the model has been given and has not run yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when it has run, or was refused; never rejects.
   *
   * @param known the interface of the model that is connected; undefined where none is
   */
  run(
    known: ModelInterface | undefined,
    clientId: string,
    name: string,
    data: ModelCommand['data'],
  ): Promise<CommandOutcome> {
    const refusal = this.#refusal(known, clientId, name);
    if (refusal) {
      this.settled.emit({ clientId, name, requestId: null, ms: null, code: refusal.code });
      return Promise.resolve({ error: refusal, reply: null });
    }
    return new Promise((resolve) => {
      const id = this.#nextId++;
      const timer = setTimeout(
        () => this.#settle(id, { error: timedOut(name), reply: null }),
        COMMAND_LIMIT_MS,
      );
      timer.unref();
      this.#waitingOf.set(clientId, (this.#waitingOf.get(clientId) ?? 0) + 1);
      this.#waiting.set(id, {
        clientId,
        name,
        sinceMs: this.#nowMs(),
        settle: (outcome) => {
          clearTimeout(timer);
          resolve(outcome);
        },
      });
      this.#send({ type: 'command', request_id: id, client_id: clientId, name, data });
    });
  }

  /** One that came too late for its command has nobody waiting. */
  done({ request_id, error, reply }: CommandDone): void {
    this.#settle(request_id, { error, reply });
  }

  /** The model is gone: what it had been given is lost. */
  lost(): void {
    for (const [id, { name }] of [...this.#waiting]) {
      const error = failure(
        'model-not-ready',
        `the connection to the model ended before it had run ${name}`,
        'a model that crashed is started again: try again in a moment; GET /health tells when it runs',
      );
      this.#settle(id, { error, reply: null });
    }
  }

  #settle(id: number, outcome: CommandOutcome): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    const left = (this.#waitingOf.get(waiting.clientId) ?? 1) - 1;
    if (left === 0) this.#waitingOf.delete(waiting.clientId);
    else this.#waitingOf.set(waiting.clientId, left);
    const { clientId, name, sinceMs } = waiting;
    const code = outcome.error?.code ?? null;
    this.settled.emit({ clientId, name, requestId: id, ms: this.#nowMs() - sinceMs, code });
    waiting.settle(outcome);
  }

  #refusal(known: ModelInterface | undefined, clientId: string, name: string): CommandFailure | undefined {
    if (!known) {
      return failure(
        'model-not-ready',
        `no model is there to run ${name}`,
        'try again in a moment; GET /health tells when it runs',
      );
    }
    const names = known.commands.map((command) => command.name);
    if (!names.includes(name)) return unknownCommand(name, names);
    if ((this.#waitingOf.get(clientId) ?? 0) < MAX_WAITING_OF_A_CLIENT) return undefined;
    return failure(
      'too-many-messages',
      `${MAX_WAITING_OF_A_CLIENT} commands of this client wait for the model already`,
      'send the next ones when some have run',
    );
  }
}

export function unknownCommand(name: string, names: readonly string[]): CommandFailure {
  const known = names.length === 0 ? 'the model has no commands' : `the commands are ${names.join(', ')}`;
  return failure(
    'unknown-command',
    `unknown command ${name.slice(0, 64)}`,
    `${known.slice(0, 4000)}${didYouMean(name, names)}`,
  );
}

function timedOut(name: string): CommandFailure {
  return failure(
    'command-timeout',
    `the model did not run ${name} within ${COMMAND_LIMIT_MS / 1000} s`,
    'it may still run it: a step of the model takes long, or a handler does not return',
  );
}

function failure(code: string, message: string, hint: string): CommandFailure {
  return { code, message, hint, field: null, limit: null };
}
