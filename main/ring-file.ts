import { closeSync, existsSync, openSync, readdirSync, readlinkSync, rmSync, truncateSync } from 'node:fs';
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
    sweep(folder);
    const file = path.join(folder, `reactor-host-${processSpace()}-${process.pid}-${randomId()}.ring`);
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

/**
 * Removes what hosts have left that are gone. A host that is killed has its guardian for that; but a service manager may kill
 * both at once, and the memory of every picture place that was written would stay taken.
 */
function sweep(folder: string): void {
  const ours = processSpace();
  for (const name of readdirSync(folder)) {
    const [, space, pid] = /^reactor-host-(\d+)-(\d+)-[\w-]+\.ring$/.exec(name) ?? [];
    if (space !== ours || isThere(Number(pid))) continue;
    try {
      rmSync(path.join(folder, name));
    } catch {
      // Another user's.
    }
  }
}

/** Process ids mean something within one of these only: containers may share the folder. 0 where there is but one. */
function processSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
