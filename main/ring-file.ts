import { closeSync, existsSync, openSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Ring } from '../protocol/hello.ts';
import { randomId } from './secret.ts';

/** Two pictures on the way, one shown and one being written for each of eight tracks. */
const SLOTS = 32;

/** Linux's tmpfs is sparse: a place for any picture up to 8K costs only what is written. */
const SPARSE_SLOT_BYTES = 64 * 1024 * 1024;
/** Elsewhere the file may be allocated whole: a place for 4K (12.4 MB), 512 MiB in all. */
const DENSE_SLOT_BYTES = 16 * 1024 * 1024;

/** The file whose memory Python and the encoder page share. Empty until Python makes it as long as it is to be. */
export class RingFile {
  readonly ring: Ring;

  constructor(platform: NodeJS.Platform = process.platform) {
    const sharedMemory = platform === 'linux' && existsSync('/dev/shm');
    const folder = sharedMemory ? '/dev/shm' : tmpdir();
    const file = path.join(folder, `reactor-host-${randomId()}.ring`);
    this.ring = { path: file, slot_bytes: sharedMemory ? SPARSE_SLOT_BYTES : DENSE_SLOT_BYTES, slots: SLOTS };
    // wx: never a file or link that somebody else put there.
    closeSync(openSync(file, 'wx', 0o600));
  }

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
