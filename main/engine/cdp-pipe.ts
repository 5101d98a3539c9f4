import type { Readable, Writable } from 'node:stream';
import { Signal } from '../signal.ts';

const COMMAND_LIMIT_MS = 15_000;

interface Reply {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string };
}

/**
 * DevTools commands over `--remote-debugging-pipe`: JSON messages ended by a zero byte, on the browser's fds 3 and 4.
 * Only the browser itself is spoken to. No session is ever attached to the encoder page: network instrumentation would
 * copy each payload and halve the frame rate (ENGINE-NOTES).
 */
export class CdpPipe {
  readonly event = new Signal<[method: string, params: Record<string, unknown>]>();
  readonly #input: Writable;
  readonly #waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  #nextId = 1;
  #rest: Buffer[] = [];

  constructor(input: Writable, output: Readable) {
    this.#input = input;
    output.on('data', (chunk: Buffer) => this.#read(chunk));
    output.on('close', () => this.#closed());
    output.on('error', () => this.#closed());
    input.on('error', () => this.#closed());
  }

  /** @throws Error when the browser refuses, is gone, or does not answer within 15 s. */
  command<T>(method: string, params: object = {}): Promise<T> {
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${method}: no answer within ${COMMAND_LIMIT_MS / 1000} s`));
      }, COMMAND_LIMIT_MS);
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        resolve: (result) => {
          settle();
          resolve(result as T);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#input.write(`${JSON.stringify({ id, method, params })}\0`);
    });
  }

  #read(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      this.#rest.push(chunk.subarray(start, end));
      const text = Buffer.concat(this.#rest).toString('utf8');
      this.#rest = [];
      start = end + 1;
      this.#take(JSON.parse(text) as Reply);
    }
    if (start < chunk.length) this.#rest.push(chunk.subarray(start));
  }

  #take({ id, method, params, result, error }: Reply): void {
    if (id === undefined) {
      if (method) this.event.emit(method, (params ?? {}) as Record<string, unknown>);
      return;
    }
    const waiting = this.#waiting.get(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }

  #closed(): void {
    for (const { reject } of [...this.#waiting.values()]) reject(new Error('the browser is gone'));
  }
}
