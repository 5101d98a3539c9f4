import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { HostError } from '../errors.ts';
import { ended, type Guardian, killGroup } from '../guardian-client.ts';
import { eachLine } from '../line-splitter.ts';
import type { Log } from '../log.ts';
import type { RunningProcess } from '../process-usage.ts';
import { sharedMemoryFolder } from '../ring-file.ts';
import { Signal } from '../signal.ts';
import { CdpPipe } from './cdp-pipe.ts';
import { type EncoderAddress, type Engine, encoderFragment } from './engine.ts';
import { chromiumFlags } from './flags.ts';
import { LastWords } from './last-words.ts';
import { findPageFile } from './page-file.ts';

const END_LIMIT_MS = 3_000;
const LAST_WORDS_LIMIT_MS = 1_000;
const PIPE_TO_BROWSER = 3;
const PIPE_FROM_BROWSER = 4;

export interface ChromiumOptions {
  executable: string;
  /** `shell` for a chrome-headless-shell, which knows no `--headless=new`. */
  headless: 'new' | 'shell';
  flags: string[];
  guardian: Guardian;
  log: Log;
}

/** https://chromedevtools.github.io/devtools-protocol/tot/SystemInfo/#type-ProcessInfo */
interface BrowserProcess {
  type: string;
  id: number;
  /** In seconds, since its start. */
  cpuTime: number;
}

const ROLES: Partial<Record<string, 'browser' | 'renderer' | 'gpu'>> = {
  browser: 'browser',
  renderer: 'renderer',
  gpu: 'gpu',
};

/** A headless Chrome or Chromium that the host starts by itself. */
export class ChromiumEngine implements Engine {
  readonly name = 'chromium';
  readonly pageLost = new Signal<[string]>();
  readonly ended = new Signal<[string]>();

  readonly #options: ChromiumOptions;
  #address: EncoderAddress | undefined;
  #child: ChildProcess | undefined;
  #cdp: CdpPipe | undefined;
  #profile: string | undefined;
  /** Where Chromium keeps the files of pages, when that is in shared memory. */
  #pageFiles: string | undefined;
  #targetId: string | undefined;
  #stopping = false;

  constructor(options: ChromiumOptions) {
    this.#options = options;
  }

  async start(address: EncoderAddress): Promise<void> {
    const { executable, headless, flags, guardian, log } = this.#options;
    this.#address = address;
    this.#profile = await mkdtemp(path.join(tmpdir(), 'reactor-host-chromium-'));
    guardian.watchPath(this.#profile);
    await this.#keepPageFilesInMemory(this.#profile);
    const child = spawn(executable, [...flags, ...chromiumFlags(this.#profile, headless)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#child = child;
    guardian.watch(child);
    const browserLog = log.child({ from: 'chromium' });
    const lastWords = new LastWords();
    if (child.stderr) {
      eachLine(child.stderr, (line) => {
        if (line === '') return;
        lastWords.add(line);
        browserLog.debug(line);
      });
    }
    const gone = new Promise<never>((_, reject) => {
      child.once('error', (error) => reject(engineFailed(executable, error.message)));
      child.once('exit', (code, signal) => {
        const reason = lastWords.after(code, signal);
        reject(engineFailed(executable, reason));
        if (child === this.#child && !this.#stopping) this.ended.emit(reason);
      });
    });
    gone.catch(() => {});
    const cdp = new CdpPipe(
      child.stdio[PIPE_TO_BROWSER] as Writable,
      child.stdio[PIPE_FROM_BROWSER] as Readable,
    );
    this.#cdp = cdp;
    cdp.event.on((method, params) => this.#onEvent(method, params));
    await Promise.race([this.#open(cdp), gone]).catch(async (error) => {
      // Its pipe ends a moment before it does, and what it said last tells more.
      await ended(child, LAST_WORDS_LIMIT_MS);
      return Promise.race([gone, Promise.reject(error)]);
    });
  }

  async reopen(): Promise<void> {
    const cdp = this.#cdp;
    if (!cdp || this.#stopping) return;
    const old = this.#targetId;
    this.#targetId = undefined;
    // A crashed or hung page may be gone already.
    if (old) await cdp.command('Target.closeTarget', { targetId: old }).catch(() => {});
    await this.#open(cdp);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child?.pid !== undefined) {
      this.#cdp?.command('Browser.close').catch(() => {});
      if (!(await ended(child, END_LIMIT_MS))) {
        killGroup(child.pid, 'SIGKILL');
        await ended(child, END_LIMIT_MS);
      }
    }
    for (const folder of [this.#profile, this.#pageFiles]) {
      // Its last helper processes may still write for a moment.
      if (folder)
        await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => {});
    }
  }

  async processes(): Promise<RunningProcess[]> {
    const cdp = this.#cdp;
    if (!cdp || this.#stopping) return [];
    const { processInfo } = await cdp.command<{ processInfo: BrowserProcess[] }>('SystemInfo.getProcessInfo');
    return processInfo.map(({ type, id, cpuTime }) => ({
      pid: id,
      role: ROLES[type.toLowerCase()] ?? 'utility',
      cpuS: cpuTime,
      residentBytes: null,
    }));
  }

  findRing(token: string): string | undefined {
    return [this.#pageFiles, this.#profile]
      .flatMap((folder) => (folder ? [findPageFile(folder, token)] : []))
      .find((file) => file !== undefined);
  }

  /** A ring file is written 30 times a second: on a disk, it would be too. */
  async #keepPageFilesInMemory(profile: string): Promise<void> {
    const memory = sharedMemoryFolder();
    if (!memory) return;
    const folder = await mkdtemp(path.join(memory, 'reactor-host-chromium-'));
    this.#pageFiles = folder;
    this.#options.guardian.watchPath(folder);
    await mkdir(path.join(profile, 'Default'));
    // Where it is not looked for there, or not followed, the file is in the profile as any other.
    await symlink(folder, path.join(profile, 'Default', 'File System'));
  }

  async #open(cdp: CdpPipe): Promise<void> {
    const address = this.#address as EncoderAddress;
    await cdp.command('Target.setDiscoverTargets', { discover: true });
    // The address with the secret goes over the pipe: in argv every user of the machine could read it.
    const { targetId } = await cdp.command<{ targetId: string }>('Target.createTarget', {
      url: `${address.origin}/encoder/#${encoderFragment(address)}`,
    });
    this.#targetId = targetId;
  }

  #onEvent(method: string, params: Record<string, unknown>): void {
    if (this.#stopping || params.targetId === undefined || params.targetId !== this.#targetId) return;
    if (method === 'Target.targetCrashed') this.pageLost.emit(`crashed (${String(params.status)})`);
    if (method === 'Target.targetDestroyed') this.pageLost.emit('closed');
  }
}

function engineFailed(executable: string, reason: string): HostError {
  return new HostError(
    'engine-failed',
    `${executable} ended before the encoder page was open: ${reason}`,
    'run with --log-level debug to see what it says; name another browser with --chromium PATH',
  );
}
