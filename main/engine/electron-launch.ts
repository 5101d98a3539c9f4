import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { Config } from '../config.ts';
import { HostError } from '../errors.ts';
import { ended, Guardian, killGroup } from '../guardian-client.ts';
import { eachLine } from '../line-splitter.ts';
import { type Log, logError } from '../log.ts';
import { hasNetwork } from '../loopback.ts';
import { isPackaged } from '../paths.ts';
import { commonFlags } from './flags.ts';
import { LastWords } from './last-words.ts';
import { Xvfb } from './xvfb.ts';

/** Beside the drain, the host inside Electron takes up to 6 s for a model and a browser that do not want to end. */
const QUIT_LIMIT_MS = 10_000;

export interface ElectronLaunchOptions {
  executable: string;
  xvfb: string | undefined;
  bundleFolder: string;
  config: Config;
  log: Log;
  /** Where the lines of the host inside go. Default: our standard output. */
  output?: Writable;
}

/**
 * What the host inside tells its launcher: Electron works, and: the end is of its own will, whose reason it has said.
 * An Electron that ends without `ending` was ended by something else; one that has not even said `started` cannot run here.
 */
export interface ElectronMessage {
  type: 'started' | 'ending';
}

/** The Electron process in which the host runs, seen from the launcher: started, asked to quit, waited for. */
export class ElectronProcess {
  /** Rejects with HostError `engine-failed` when Electron ends before the host inside could begin. */
  readonly started: Promise<void>;
  /** Resolves with the exit code for the launcher. */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;
  readonly #guardian: Guardian;
  readonly #xvfb: Xvfb | undefined;
  readonly #quitLimitMs: number;
  #isKilled = false;

  private constructor(
    child: ChildProcess,
    guardian: Guardian,
    xvfb: Xvfb | undefined,
    { config, log }: Pick<ElectronLaunchOptions, 'config' | 'log'>,
  ) {
    this.#quitLimitMs = QUIT_LIMIT_MS + config.drainLimitMs;
    this.#child = child;
    this.#guardian = guardian;
    this.#xvfb = xvfb;
    const lastWords = new LastWords();
    const chromiumLog = log.child({ from: 'electron' });
    if (child.stderr) {
      eachLine(child.stderr, (line) => {
        if (line === '') return;
        lastWords.add(line);
        chromiumLog.debug(line);
      });
    }
    let told: ElectronMessage['type'] | undefined;
    const gone = new Promise<{ code: number; why: string }>((resolve) => {
      child.once('error', ({ message }) => resolve({ code: 1, why: message }));
      // close, not exit: the host's last lines are still in the pipe.
      child.once('close', (code, signal) => resolve({ code: code ?? 1, why: lastWords.after(code, signal) }));
    });
    this.started = new Promise((resolve, reject) => {
      child.on('message', ({ type }: ElectronMessage) => {
        told = type;
        resolve();
      });
      void gone.then(({ why }) => reject(electronFailed(`did not start: ${why}`, 'install what it names')));
    });
    // Whoever does not wait for it learns of the end by `exited`.
    this.started.catch(() => {});
    this.exited = gone.then(({ code, why }) => {
      if (told === 'started' && code !== 0 && !this.#isKilled)
        logError(log, electronFailed(`ended: ${why}`, 'start it again'));
      return code;
    });
  }

  /** @throws HostError `engine-failed` when there is no display to be had for it. */
  static async start({
    executable,
    xvfb,
    bundleFolder,
    config,
    log,
    output = process.stdout,
  }: ElectronLaunchOptions): Promise<ElectronProcess> {
    const guardian = new Guardian(bundleFolder, log);
    let display: Xvfb | undefined;
    try {
      if (xvfb !== undefined) display = await Xvfb.start(xvfb, guardian);
    } catch (thrown) {
      guardian.close();
      throw thrown;
    }
    const flags = commonFlags({
      host: config.host,
      hasNetwork: hasNetwork(),
      isRoot: process.getuid?.() === 0,
      hardware: config.hardware,
    });
    // An Xvfb has no GPU. Left to find that out by itself, the GPU process of Electron 25 sometimes dies at its start and the
    // encoder page then waits for it for ever (seen in one start of ten).
    if (display) flags.push('--disable-gpu');
    // A package names its own script, and Electron then takes no other.
    const script = isPackaged(bundleFolder) ? [] : [path.join(bundleFolder, 'electron.cjs')];
    const child = spawn(executable, [...flags, ...script], {
      // The fourth is a channel of messages: the configuration with its secrets in, which argv would show to everybody;
      // and when it breaks, the host knows that its launcher is gone.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...(display?.env ?? {}) },
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    guardian.watch(child);
    // The host inside formats its own lines; Chromium's complaints come on the error output.
    child.stdout?.pipe(output, { end: false });
    const electron = new ElectronProcess(child, guardian, display, { config, log });
    child.on('error', () => {});
    child.send({ type: 'config', config }, (error) => {
      if (error) log.debug({ reason: error.message }, 'Electron did not take its configuration');
    });
    return electron;
  }

  /** Asks the host inside to end in order, and makes sure that it does. */
  async quit(log: Log): Promise<void> {
    if (this.#child.connected) this.#child.send({ type: 'quit' }, () => {});
    if (await ended(this.#child, this.#quitLimitMs)) return;
    log.warn(new HostError('engine-failed', 'Electron did not end in time and is killed', '').message);
    this.kill();
  }

  kill(): void {
    this.#isKilled = true;
    if (this.#child.pid !== undefined) killGroup(this.#child.pid, 'SIGKILL');
  }

  /** After `exited`. */
  async close(): Promise<void> {
    await this.#xvfb?.stop();
    this.#guardian.close();
  }
}

function electronFailed(what: string, advice: string): HostError {
  return new HostError(
    'engine-failed',
    `Electron ${what}`,
    `${advice}; --log-level debug shows all that it says, --engine chromium does without it`,
  );
}
