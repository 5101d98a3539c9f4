import { errorText } from './encoder-error.ts';
import type { RingRead } from './ring-client.ts';
import type { FromRingWorker, ToRingWorker } from './ring-worker-message.ts';

/**
 * Holds the ring file open and reads its slots. A worker, because only workers are given synchronous access to a file:
 * Chromium hands them the open file itself, so that a read is one system call here.
 *
 * @packageDocumentation
 */

/** Of the workers' part of the DOM's types, which the project does not load. */
interface SyncAccessHandle {
  read(target: Uint8Array, options: { at: number }): number;
  write(source: Uint8Array, options: { at: number }): number;
  flush(): void;
}
type SyncFile = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncAccessHandle> };

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ToRingWorker>) => void) | null;
  postMessage(message: FromRingWorker, transfer?: Transferable[]): void;
};

let ring: { handle: SyncAccessHandle; slotBytes: number } | undefined;

async function make(slotBytes: number): Promise<void> {
  try {
    const folder = await navigator.storage.getDirectory();
    const token = crypto.randomUUID();
    // A file of its own for each page: the model may still have that of the last page mapped.
    for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) {
      // One that a dying page still has open goes with the profile.
      await folder.removeEntry(name).catch(() => {});
    }
    const file = (await folder.getFileHandle(token, { create: true })) as SyncFile;
    const handle = await file.createSyncAccessHandle();
    handle.write(new TextEncoder().encode(token), { at: 0 });
    handle.flush();
    ring = { handle, slotBytes };
    scope.postMessage({ kind: 'ring-made', token });
  } catch (error) {
    scope.postMessage({ kind: 'ring-unable', message: errorText(error) });
  }
}

function read({ id, slot, bytes }: RingRead): void {
  try {
    if (!ring) throw new Error('no ring was made');
    const buffer = new ArrayBuffer(bytes);
    const count = ring.handle.read(new Uint8Array(buffer), { at: slot * ring.slotBytes });
    if (count !== bytes) throw new RangeError(`the ring file ends inside slot ${slot}`);
    scope.postMessage({ kind: 'ring-data', id, buffer }, [buffer]);
  } catch (error) {
    scope.postMessage({ kind: 'ring-data', id, message: errorText(error) });
  }
}

scope.onmessage = ({ data }) => {
  if (data.kind === 'ring-make') void make(data.slotBytes);
  else read(data);
};
