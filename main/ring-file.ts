import { closeSync, existsSync, openSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Ring, RingShape } from '../protocol/hello.ts';
import { randomId } from './secret.ts';

/** Two pictures on the way, one shown and one being written for each of eight tracks. */
const SLOTS = 32;

/** Linux's tmpfs is sparse: a place for any picture up to 8K costs only what is written. */
const SPARSE_SLOT_BYTES = 64 * 1024 * 1024;
/** Elsewhere the file may be allocated whole: a place for 4K (12.4 MB), 512 MiB in all. */
const DENSE_SLOT_BYTES = 16 * 1024 * 1024;

/** The folder whose files are memory; undefined where there is none. */
export function sharedMemoryFolder(platform: NodeJS.Platform = process.platform): string | undefined {
  return platform === 'linux' && existsSync('/dev/shm') ? '/dev/shm' : undefined;
}

export function ringShape(platform: NodeJS.Platform = process.platform): RingShape {
  return { slot_bytes: sharedMemoryFolder(platform) ? SPARSE_SLOT_BYTES : DENSE_SLOT_BYTES, slots: SLOTS };
}

/** The file whose memory Python and the encoder page share. Empty until Python makes it as long as it is to be. */
export class RingFile {
  /** A new one, in shared memory where there is such a thing. */
  static make(platform: NodeJS.Platform = process.platform): RingFile {
    const folder = sharedMemoryFolder(platform) ?? tmpdir();
    const file = path.join(folder, `reactor-host-${randomId()}.ring`);
    // wx: never a file or link that somebody else put there.
    closeSync(openSync(file, 'wx', 0o600));
    return new RingFile({ path: file, ...ringShape(platform) });
  }

  constructor(readonly ring: Ring) {}

  /**
   * Makes it empty again, as a model expects it. Only once the process of the last model has ended: one that still has
   * pictures mapped in it would be ended by SIGBUS. The file stays the same, so who reads it may keep it open.
   */
  clear(): void {
    truncateSync(this.ring.path, 0);
  }

  remove(): void {
    rmSync(this.ring.path, { force: true });
  }
}
