import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Config } from '../config.ts';
import { HostError } from '../errors.ts';
import { ended, Guardian, killGroup } from '../guardian-client.ts';
import { eachLine } from '../line-splitter.ts';
import type { Log } from '../log.ts';
import { hasNetwork } from '../loopback.ts';
import { commonFlags } from './flags.ts';
import { Xvfb } from './xvfb.ts';

/** The host inside Electron has its own limits, up to 6 s for a model and a browser that do not want to end. */
const QUIT_LIMIT_MS = 10_000;

export interface ElectronLaunchOptions {
  executable: string;
  xvfb: string | undefined;
  bundleFolder: string;
  config: Config;
  log: Log;
}

/** The Electron process in which the host runs, seen from the launcher: started, asked to quit, waited for. */
export class ElectronProcess {
  /** Resolves with the exit code for the launcher. */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;
  readonly #guardian: Guardian;
  readonly #xvfb: Xvfb | undefined;

  private constructor(child: ChildProcess, guardian: Guardian, xvfb: Xvfb | undefined, log: Log) {
    this.#child = child;
    this.#guardian = guardian;
    this.#xvfb = xvfb;
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        log.error(
          { code: 'engine-failed', hint: 'choose another with --engine chromium' },
          `Electron did not start: ${error.message}`,
        );
        resolve(1);
      });
      // close, not exit: the host's last lines are still in the pipe.
      child.once('close', (code, signal) => {
        if (signal !== null) log.error({ code: 'engine-failed' }, `Electron was ended by ${signal}`);
        resolve(code ?? 1);
      });
    });
  }

  static async start({
    executable,
    xvfb,
    bundleFolder,
    config,
    log,
  }: ElectronLaunchOptions): Promise<ElectronProcess> {
    const guardian = new Guardian(bundleFolder, log);
    const display = xvfb === undefined ? undefined : await Xvfb.start(xvfb, guardian);
    const flags = commonFlags({
      host: config.host,
      hasNetwork: hasNetwork(),
      isRoot: process.getuid?.() === 0,
    });
    // An Xvfb has no GPU. Left to find that out by itself, the GPU process of Electron 25 sometimes dies at its start and the
    // encoder page then waits for it for ever (seen in one start of ten).
    if (display) flags.push('--disable-gpu');
    const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
    const child = spawn(executable, [...flags, path.join(bundleFolder, 'electron.cjs')], {
      // The fourth is a channel of messages: the configuration with its secrets in, which argv would show to everybody;
      // and when it breaks, the host knows that its launcher is gone.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...env, ...(display?.env ?? {}) },
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    guardian.watch(child);
    // The host inside formats its own lines; Chromium's complaints come on the error output.
    child.stdout?.pipe(process.stdout, { end: false });
    const chromiumLog = log.child({ from: 'electron' });
    if (child.stderr) eachLine(child.stderr, (line) => line !== '' && chromiumLog.debug(line));
    const electron = new ElectronProcess(child, guardian, display, log);
    child.on('error', () => {});
    child.send({ type: 'config', config }, (error) => {
      if (error) log.debug({ reason: error.message }, 'Electron did not take its configuration');
    });
    return electron;
  }

  /** Asks the host inside to end in order, and makes sure that it does. */
  async quit(log: Log): Promise<void> {
    if (this.#child.connected) this.#child.send({ type: 'quit' }, () => {});
    if (await ended(this.#child, QUIT_LIMIT_MS)) return;
    log.warn(new HostError('engine-failed', 'Electron did not end in time and is killed', '').message);
    this.kill();
  }

  kill(): void {
    if (this.#child.pid !== undefined) killGroup(this.#child.pid, 'SIGKILL');
  }

  /** After `exited`. */
  async close(): Promise<void> {
    await this.#xvfb?.stop();
    this.#guardian.close();
  }
}
