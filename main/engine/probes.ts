import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import { HostError } from '../errors.ts';
import type { EngineProbes } from './choose.ts';
import { unpackSparticuz } from './sparticuz.ts';

const CHROMIUM_NAMES = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'chrome',
  'msedge',
];

/** Looks around on the real machine. */
export function engineProbes(config: Pick<Config, 'chromium' | 'xvfb'>, projectFolder: string): EngineProbes {
  const { env, platform } = process;
  return {
    platform,
    electron: () => findElectron(projectFolder, env, platform),
    hasDisplay: Boolean(env.DISPLAY || env.WAYLAND_DISPLAY),
    xvfb: () => named(config.xvfb, '--xvfb') ?? onPath(['Xvfb'], env.PATH),
    systemChromium: () =>
      named(config.chromium, '--chromium') ??
      onPath(CHROMIUM_NAMES, env.PATH) ??
      wellKnownChromiums(platform, env).find(isExecutable),
    bundledChromium: () =>
      platform === 'linux' && process.arch === 'x64'
        ? unpackSparticuz()
        : Promise.reject(new Error(`is for Linux on x64, not ${platform} on ${process.arch}`)),
  };
}

/**
 * In a package the launcher runs in the Electron that is to be used. Else by the rules of the npm package `electron`, whose
 * own lookup would download when the binary is missing:
 * `path.txt` names the binary inside `dist/`, ELECTRON_OVERRIDE_DIST_PATH is another `dist/`.
 */
function findElectron(
  projectFolder: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): string | undefined {
  if (process.versions.electron !== undefined) return process.execPath;
  const folder = path.join(projectFolder, 'node_modules', 'electron');
  const pathFile = path.join(folder, 'path.txt');
  const usual =
    platform === 'win32'
      ? 'electron.exe'
      : platform === 'darwin'
        ? 'Electron.app/Contents/MacOS/Electron'
        : 'electron';
  const binary = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : usual;
  if (env.ELECTRON_OVERRIDE_DIST_PATH) {
    return [binary, usual]
      .map((name) => path.join(env.ELECTRON_OVERRIDE_DIST_PATH as string, name))
      .find(isExecutable);
  }
  const full = path.join(folder, 'dist', binary);
  return isExecutable(full) ? full : undefined;
}

function named(file: string | undefined, flag: string): string | undefined {
  if (file === undefined) return undefined;
  const full = /[\\/]/.test(file) ? file : onPath([file], process.env.PATH);
  if (full !== undefined && isExecutable(full)) return full;
  throw new HostError(
    'engine-missing',
    `${flag} ${file} is not a program`,
    `give ${flag} the path of an executable file`,
  );
}

export function onPath(names: readonly string[], search: string | undefined): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  for (const name of names) {
    for (const folder of (search ?? '').split(path.delimiter)) {
      const full = path.join(folder, `${name}${suffix}`);
      if (folder !== '' && isExecutable(full)) return full;
    }
  }
  return undefined;
}

function wellKnownChromiums(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (platform === 'win32') {
    return [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .flatMap((folder) => [
        path.join(folder, 'Google/Chrome/Application/chrome.exe'),
        path.join(folder, 'Microsoft/Edge/Application/msedge.exe'),
      ]);
  }
  return ['/usr/bin/google-chrome', '/usr/bin/chromium', '/snap/bin/chromium', '/opt/google/chrome/chrome'];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
