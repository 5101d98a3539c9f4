import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Log } from './log.ts';

/** The host's end of the guardian: what is registered here is ended and removed even when the host is killed. */
export class Guardian {
  readonly #process: ChildProcess;
  readonly #groups = new Set<number>();

  constructor(bundleFolder: string, log: Pick<Log, 'warn'>) {
    this.#process = spawn(process.execPath, [path.join(bundleFolder, 'guardian.cjs')], {
      // In Electron the same binary is also a Node.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'ignore', 'ignore'],
      // A group of its own: what kills the host's group leaves it to do its work.
      detached: true,
      windowsHide: true,
    });
    this.#process.unref();
    (this.#process.stdin as unknown as { unref?: () => void }).unref?.();
    this.#process.stdin?.on('error', () => {});
    this.#process.on('error', (error) => {
      log.warn({ reason: error.message }, 'no guardian: a killed host would leave its processes behind');
    });
  }

  /** A child that was started `detached`, hence leads its own process group. */
  watch(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return;
    this.#groups.add(pid);
    this.#tell({ add: pid });
    child.once('exit', () => {
      // Children of the child may live on in its group: end them, then forget the number, which may be given to others.
      killGroup(pid, 'SIGKILL');
      this.#groups.delete(pid);
      this.#tell({ remove: pid });
    });
  }

  watchPath(file: string): void {
    this.#tell({ addPath: file });
  }

  unwatchPath(file: string): void {
    this.#tell({ removePath: file });
  }

  /** For a second Ctrl-C: everything at once, without goodbye. */
  killAll(): void {
    for (const pid of this.#groups) killGroup(pid, 'SIGKILL');
  }

  /** The guardian ends, and removes what is still registered. */
  close(): void {
    this.#process.stdin?.end();
  }

  #tell(order: object): void {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}

/** Signals a whole process group; on Windows the process tree. Nothing happens when it is gone already. */
export function killGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT'): void {
  try {
    if (process.platform === 'win32') {
      if (signal === 'SIGKILL')
        spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
      else process.kill(pid, signal);
    } else {
      process.kill(-pid, signal);
    }
  } catch {
    // It has ended by itself.
  }
}

/** Resolves when the child has ended, or after `limitMs` with false. */
export function ended(child: ChildProcess, limitMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      child.off('exit', onExit);
      resolve(false);
    }, limitMs);
    const onExit = () => {
      clearTimeout(timer);
      resolve(true);
    };
    child.once('exit', onExit);
  });
}
