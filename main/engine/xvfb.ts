import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { HostError } from '../errors.ts';
import { ended, type Guardian, killGroup } from '../guardian-client.ts';

const START_LIMIT_MS = 10_000;
const END_LIMIT_MS = 2_000;
const DISPLAY_FD = 3;
const ANY_HOST = 0xffff; // FamilyWild of X11/Xauth.h: the entry fits any host and display.

/** A virtual X display for Electron. Our own child: `xvfb-run` leaves both running when it is killed (ENGINE-NOTES). */
export class Xvfb {
  /** To be put into the environment of its clients. */
  readonly env: { DISPLAY: string; XAUTHORITY: string };
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, display: string, authority: string) {
    this.#child = child;
    this.#folder = folder;
    this.env = { DISPLAY: display, XAUTHORITY: authority };
  }

  /** @throws HostError `engine-failed` when it does not come up. */
  static async start(executable: string, guardian: Guardian): Promise<Xvfb> {
    const folder = mkdtempSync(path.join(tmpdir(), 'reactor-host-xvfb-'));
    guardian.watchPath(folder);
    const authority = path.join(folder, 'authority');
    writeFileSync(authority, xauthority(randomBytes(16)), { mode: 0o600 });
    const child = spawn(
      executable,
      // -displayfd: it picks a free display and tells us, instead of both guessing. Without -auth any local user may look in.
      [
        '-displayfd',
        String(DISPLAY_FD),
        '-screen',
        '0',
        '1280x720x24',
        '-nolisten',
        'tcp',
        '-auth',
        authority,
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true },
    );
    guardian.watch(child);
    const number = await new Promise<string>((resolve, reject) => {
      const fail = (reason: string) => {
        clearTimeout(timer);
        if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
        reject(
          new HostError(
            'engine-failed',
            `${executable} gave no display: ${reason}`,
            'use --engine chromium, which needs no display',
          ),
        );
      };
      const timer = setTimeout(() => fail(`not ready within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
      child.once('error', (error) => fail(error.message));
      child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`));
      let text = '';
      (child.stdio[DISPLAY_FD] as Readable).on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const found = /^(\d+)\n/.exec(text)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      });
    });
    child.removeAllListeners('error');
    child.on('error', () => {});
    return new Xvfb(child, folder, `:${number}`, authority);
  }

  async stop(): Promise<void> {
    const { pid } = this.#child;
    if (pid !== undefined) {
      killGroup(pid, 'SIGTERM');
      if (!(await ended(this.#child, END_LIMIT_MS))) killGroup(pid, 'SIGKILL');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One entry of an Xauthority file: big-endian lengths before each field (Xau(3)). */
export function xauthority(cookie: Buffer): Buffer {
  const field = (content: Buffer) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(content.length);
    return Buffer.concat([length, content]);
  };
  const family = Buffer.alloc(2);
  family.writeUInt16BE(ANY_HOST);
  const empty = Buffer.alloc(0);
  return Buffer.concat([
    family,
    field(empty),
    field(empty),
    field(Buffer.from('MIT-MAGIC-COOKIE-1')),
    field(cookie),
  ]);
}
