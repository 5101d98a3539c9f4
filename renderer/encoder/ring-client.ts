import type { RingReader } from './frame-source.ts';

/** A read takes well under a millisecond; who does not answer is broken, and the picture is lost. */
const READ_LIMIT_MS = 2000;

/** To who reads the ring: the preload (preload-ring.ts) or a worker (page-ring.ts). */
export interface RingRead {
  kind: 'ring-read';
  id: number;
  slot: number;
  bytes: number;
}

/** The answer: the bytes, whose buffer crossed by transfer, or what is wrong. */
export interface RingReply {
  kind?: unknown;
  id?: unknown;
  buffer?: unknown;
  message?: unknown;
}

/** Asks for slots of the ring, each answer by its number. */
export class RingClient implements RingReader {
  readonly #post: (read: RingRead) => void;
  readonly #waiting = new Map<
    number,
    { done: (buffer: ArrayBuffer) => void; fail: (error: Error) => void }
  >();
  #nextId = 0;

  constructor(post: (read: RingRead) => void) {
    this.#post = post;
  }

  take({ kind, id, buffer, message }: RingReply): void {
    if (kind !== 'ring-data' || typeof id !== 'number') return;
    const waiting = this.#waiting.get(id);
    if (buffer instanceof ArrayBuffer) waiting?.done(buffer);
    else waiting?.fail(new Error(`the ring cannot be read: ${String(message)}`));
  }

  read(slot: number, bytes: number): Promise<ArrayBuffer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      const fail = (error: Error) => {
        settle();
        reject(error);
      };
      const timer = setTimeout(fail, READ_LIMIT_MS, new Error('who reads the ring does not answer'));
      this.#waiting.set(id, {
        fail,
        done: (buffer) => {
          settle();
          resolve(buffer);
        },
      });
      this.#post({ kind: 'ring-read', id, slot, bytes });
    });
  }
}
