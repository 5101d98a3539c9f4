import { spawn } from 'node:child_process';
import path from 'node:path';
import { app } from 'electron';
import type { Ring } from '../protocol/hello.ts';
import { readConfig } from './command-line.ts';
import { type Config, configSchema } from './config.ts';
import { openDebugWindow } from './engine/debug-window.ts';
import { ElectronEngine } from './engine/electron.ts';
import type { ElectronMessage } from './engine/electron-launch.ts';
import { Host } from './host.ts';
import { createLog, logError } from './log.ts';
import { distFolder, isPackaged } from './paths.ts';

/**
 * The host inside Electron. Started by the launcher (cli.ts), which sends the configuration as the first message and
 * `quit` at the end; or by itself with the same command line. A package that is started by itself (a double click on
 * Windows or macOS) runs the launcher.
 */
// No menu, no dock icon: nobody sees this program.
app.dock?.hide();
// The hidden window may be closed and opened again: that is no reason to end.
app.on('window-all-closed', () => {});

// Listened for from the first moment: an early Ctrl-C may send it right behind the configuration.
const quit = new Promise<void>((resolve) => {
  process.on('message', (message) => {
    if ((message as { type?: string } | null)?.type === 'quit') resolve();
  });
});

// Not before: without a display, for one, Electron runs this file and then ends.
void app.whenReady().then(() => tell({ type: 'started' }));

async function runHost(): Promise<void> {
  const config = await receiveConfig();
  const log = createLog(config);
  const host = new Host({
    config,
    log,
    bundleFolder: __dirname,
    ringOf: 'host',
    openDebug: (url, token) => void app.whenReady().then(() => openDebugWindow(url, token, log)),
    createEngine: ({ ring, log: engineLog }) =>
      new ElectronEngine({ distFolder: distFolder(__dirname), ring: ring as Ring, log: engineLog }),
  });
  let ending = false;
  const end = async (code: number) => {
    if (ending) return;
    ending = true;
    tell({ type: 'ending' });
    await host.stop().catch((thrown) => logError(log, thrown));
    app.exit(code);
  };
  void quit.then(() => end(0));
  // The launcher is gone, whatever happened to it.
  process.on('disconnect', () => void end(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));
  // Electron asks itself to quit when the system shuts down.
  app.on('before-quit', (event) => {
    if (ending) return;
    event.preventDefault();
    void end(0);
  });
  host.failed.then(end);
  await host.start().catch((thrown) => {
    logError(log, thrown);
    return end(1);
  });
}

/** Chromium reads most of our switches before any script runs, so they can only come with a new process. */
function runLauncher(): void {
  const launcher = spawn(process.execPath, [path.join(__dirname, 'cli.cjs'), ...process.argv.slice(1)], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: 'inherit',
    windowsHide: true,
  });
  launcher.once('error', () => app.exit(1));
  launcher.once('exit', (code) => app.exit(code ?? 1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => launcher.kill(signal));
  app.on('before-quit', (event) => {
    event.preventDefault();
    launcher.kill('SIGTERM');
  });
}

if (isPackaged(__dirname) && !process.send) runLauncher();
else void runHost();

function tell(message: ElectronMessage): void {
  // A launcher that is gone needs not be told.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function receiveConfig(): Promise<Config> {
  if (!process.send) {
    const command = readConfig({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() });
    if (command.kind !== 'run') process.exit(0);
    return Promise.resolve(command.config);
  }
  return new Promise((resolve) => {
    process.once('message', (message) =>
      resolve(configSchema.parse((message as { config: unknown }).config)),
    );
    // Nobody will send it any more.
    process.once('disconnect', () => process.exit(1));
  });
}
