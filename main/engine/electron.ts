import path from 'node:path';
import { app, BrowserWindow, session } from 'electron';
import type { Ring } from '../../protocol/hello.ts';
import type { Log } from '../log.ts';
import type { RunningProcess } from '../process-usage.ts';
import { Signal } from '../signal.ts';
import { type EncoderAddress, type Engine, encoderFragment } from './engine.ts';

export interface ElectronOptions {
  /** `dist/`. */
  distFolder: string;
  ring: Ring;
  log: Log;
}

/** By Electron's names. Its main process is the host itself. */
const ROLES: Partial<Record<string, 'host' | 'renderer' | 'gpu'>> = {
  Browser: 'host',
  Tab: 'renderer',
  GPU: 'gpu',
};

/** The hidden window of the Electron that this process is. */
export class ElectronEngine implements Engine {
  readonly name = 'electron';
  readonly pageLost = new Signal<[string]>();
  readonly ended = new Signal<[string]>();

  readonly #options: ElectronOptions;
  #address: EncoderAddress | undefined;
  #window: BrowserWindow | undefined;

  constructor(options: ElectronOptions) {
    this.#options = options;
  }

  async start(address: EncoderAddress): Promise<void> {
    this.#address = address;
    await app.whenReady();
    // Only the fake microphone, without which ICE sees one interface only; nothing else is ever granted.
    session.defaultSession.setPermissionRequestHandler((contents, permission, callback) =>
      callback(permission === 'media' && contents === this.#window?.webContents),
    );
    session.defaultSession.setPermissionCheckHandler(
      (contents, permission) => permission === 'media' && contents === this.#window?.webContents,
    );
    await this.#open();
  }

  async reopen(): Promise<void> {
    this.#close();
    await this.#open();
  }

  async processes(): Promise<RunningProcess[]> {
    return app.getAppMetrics().flatMap(({ pid, type, cpu, memory }) => {
      const role = ROLES[type] ?? 'utility';
      if (role === 'host') return [];
      const cpuS = cpu.cumulativeCPUUsage ?? null;
      return [{ pid, role, cpuS, residentBytes: memory.workingSetSize * 1024 }];
    });
  }

  async stop(): Promise<void> {
    this.#close();
  }

  #close(): void {
    const window = this.#window;
    this.#window = undefined;
    if (window && !window.isDestroyed()) window.destroy();
  }

  async #open(): Promise<void> {
    const { distFolder, ring, log } = this.#options;
    const window = new BrowserWindow({
      show: false,
      width: 320,
      height: 240,
      webPreferences: {
        preload: path.join(distFolder, 'preload', 'encoder.cjs'),
        additionalArguments: [`--reactor-ring=${Buffer.from(JSON.stringify(ring)).toString('base64')}`],
        contextIsolation: true,
        nodeIntegration: false,
        // The one preference looser than the default: the preload reads the ring file, which a sandbox forbids.
        sandbox: false,
        // A window that is never shown has to run at full speed.
        backgroundThrottling: false,
        spellcheck: false,
      },
    });
    this.#window = window;
    const { webContents } = window;
    webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
    webContents.on('will-navigate', (event) => event.preventDefault());
    webContents.on('will-attach-webview', (event) => event.preventDefault());
    const lost = (reason: string) => {
      if (window === this.#window) this.pageLost.emit(reason);
    };
    webContents.on('render-process-gone', (_event, { reason }) => lost(`crashed (${reason})`));
    webContents.on('unresponsive', () => lost('hangs'));
    window.on('closed', () => lost('closed'));
    webContents.on('preload-error', (_event, _file, error) =>
      log.error({ reason: error.message }, 'the preload of the encoder page failed'),
    );
    const { origin } = this.#address as EncoderAddress;
    // From our own loopback server, as on Chromium: with a scheme of our own (protocol.handle) one load in seven hung for
    // ever on Electron 25. Not waited for: the host watches whether the page connects, and opens it again.
    window
      .loadURL(`${origin}/encoder/#${encoderFragment(this.#address as EncoderAddress)}`)
      .catch(({ code }: { code?: string }) => {
        // Its message holds the whole address, and that the secret.
        if (window === this.#window) lost(`did not load (${code ?? 'unknown'})`);
      });
  }
}
