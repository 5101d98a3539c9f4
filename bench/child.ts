import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const EXIT_LIMIT_MS = 15_000;
const KEPT_LINES = 40;

/** A process of a contestant, with its output by lines. */
export class Child {
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  #count = 0;
  readonly #listeners = new Set<() => void>();
  readonly #exited: Promise<void>;
  /** How it ended; undefined while it runs. */
  exit: string | undefined;

  /** @param options `input`: it is written to; it may end when its standard input does. */
  constructor(
    command: string,
    args: string[],
    { input, ...options }: { cwd: string; env: NodeJS.ProcessEnv; input?: boolean },
  ) {
    this.#process = spawn(command, args, {
      ...options,
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
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

  /** Writes a line to its standard input and waits for the next line of output that `pick` finds something in. */
  async ask<T>(line: string, timeoutMs: number, pick: (line: string) => T | undefined): Promise<T> {
    const before = this.#count;
    this.#process.stdin?.write(`${line}\n`);
    return this.until(`an answer to ${JSON.stringify(line)}`, timeoutMs, () => {
      const fresh = this.#count - before;
      for (const each of fresh > 0 ? this.#lines.slice(-fresh) : []) {
        const found = pick(each);
        if (found !== undefined) return found;
      }
      return undefined;
    });
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
    this.#count += 1;
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
