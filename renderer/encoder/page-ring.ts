import { RingClient } from './ring-client.ts';
import type { FromRingWorker, ToRingWorker } from './ring-worker-message.ts';

/** Making a file takes a few milliseconds. */
const MAKE_LIMIT_MS = 3000;

/** A ring file of this page's own, which the host finds by what stands in it. */
export interface PageRing {
  client: RingClient;
  token: string;
}

/**
 * Makes a ring file in the page's origin-private file system (File System standard, https://fs.spec.whatwg.org/), which
 * Chromium keeps as a plain file in its profile: the model maps it, and the worker that has it open reads it with pread(2),
 * without any other process. Rejects where the browser cannot.
 *
 * @param slotBytes where slot n begins: n times that
 */
export function makePageRing(slotBytes: number): Promise<PageRing> {
  return new Promise((resolve, reject) => {
    const worker = new Worker('ring-worker.js');
    const post = (message: ToRingWorker) => worker.postMessage(message);
    const client = new RingClient(post);
    const fail = (reason: string) => {
      worker.terminate();
      reject(new Error(reason));
    };
    const timer = setTimeout(fail, MAKE_LIMIT_MS, 'no file within 3 s');
    worker.onerror = ({ message }) => fail(message || 'ring-worker.js could not be loaded');
    worker.onmessage = ({ data }: MessageEvent<FromRingWorker>) => {
      clearTimeout(timer);
      if (data.kind === 'ring-data') client.take(data);
      else if (data.kind === 'ring-made') resolve({ client, token: data.token });
      else fail(data.message);
    };
    post({ kind: 'ring-make', slotBytes });
  });
}
