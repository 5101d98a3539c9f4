import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const EXIT_LIMIT_MS = 15_000;
const KEPT_LINES = 40;

/** A process of a contestant, with its output by lines. */
export class Child {
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #exited: Promise<void>;
  /** How it ended; undefined while it runs. */
  exit: string | undefined;

  constructor(command: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#process = spawn(command, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C goes to the whole group of a terminal; a second one, from `stop`, would cut its cleaning up short.
      detached: process.platform !== 'win32',
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#onLine(line));
    }
    this.#exited = new Promise((resolve) => {
      const end = (how: string) => {
        this.exit ??= how;
        this.#changed();
        resolve();
      };
      this.#process.once('error', (error) => end(error.message));
      this.#process.once('close', (code, signal) => end(String(signal ?? code)));
    });
  }

  /** Waits for a line that `pick` finds something in. @throws when the process ends first, with what it said last. */
  async line<T>(what: string, timeoutMs: number, pick: (line: string) => T | undefined): Promise<T> {
    return this.until(what, timeoutMs, () => {
      for (const line of this.#lines) {
        const found = pick(line);
        if (found !== undefined) return found;
      }
      return undefined;
    });
  }

  /** Waits until `ask`, asked at each line of output and every `periodMs`, has an answer. */
  async until<T>(
    what: string,
    timeoutMs: number,
    ask: () => T | undefined | Promise<T | undefined>,
    periodMs = 20,
  ): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = await ask();
      if (found !== undefined) return found;
      if (this.exit !== undefined) throw new Error(`it ended (${this.exit}) before ${what}\n${this.tail}`);
      if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}\n${this.tail}`);
      await this.#change(periodMs);
    }
  }

  /** Its last lines. */
  get tail(): string {
    return this.#lines.slice(-KEPT_LINES).join('\n');
  }

  /** Ctrl-C, and SIGKILL when that does not help. */
  async stop(): Promise<void> {
    if (this.exit !== undefined) return;
    this.#process.kill('SIGINT');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), EXIT_LIMIT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #onLine(line: string): void {
    this.#lines.push(line);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #change(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#listeners.add(done);
    });
  }
}
