import type { RingReader } from './frame-source.ts';

/** Main reads in well under a millisecond; a preload that does not answer is broken, and the picture is lost. */
const READ_LIMIT_MS = 2000;

/**
 * What page and preload say to each other by `window.postMessage` (preload/encoder.ts has the other end). Buffers cross
 * by transfer; `contextBridge` would copy them (ENGINE-NOTES, "The preload hand-over").
 */
interface Reply {
  kind?: unknown;
  id?: unknown;
  buffer?: unknown;
  message?: unknown;
}

/** The page's end of the preload. */
export class RingClient implements RingReader {
  readonly #waiting = new Map<
    number,
    { done: (buffer: ArrayBuffer) => void; fail: (error: Error) => void }
  >();
  #nextId = 0;

  /**
   * Finds out whether there is a preload with a ring. Messages of a window arrive in order, so no clock is needed: once
   * our own second message is back, a preload would have answered the first.
   */
  static connect(): Promise<RingClient | undefined> {
    return new Promise((resolve) => {
      let found = false;
      const onMessage = ({ source, data }: MessageEvent<Reply | null>) => {
        if (source !== window) return;
        if (data?.kind === 'ring-hello') window.postMessage({ kind: 'ring-hello-end' }, location.origin);
        if (data?.kind === 'ring-ready') found = true;
        if (data?.kind !== 'ring-hello-end') return;
        window.removeEventListener('message', onMessage);
        resolve(found ? new RingClient() : undefined);
      };
      window.addEventListener('message', onMessage);
      window.postMessage({ kind: 'ring-hello' }, location.origin);
    });
  }

  private constructor() {
    window.addEventListener('message', ({ source, data }: MessageEvent<Reply | null>) => {
      if (source !== window || data?.kind !== 'ring-data' || typeof data.id !== 'number') return;
      const waiting = this.#waiting.get(data.id);
      if (data.buffer instanceof ArrayBuffer) waiting?.done(data.buffer);
      else waiting?.fail(new Error(`the ring cannot be read: ${String(data.message)}`));
    });
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
      const timer = setTimeout(fail, READ_LIMIT_MS, new Error('the preload does not answer'));
      this.#waiting.set(id, {
        fail,
        done: (buffer) => {
          settle();
          resolve(buffer);
        },
      });
      window.postMessage({ kind: 'ring-read', id, slot, bytes }, location.origin);
    });
  }
}
