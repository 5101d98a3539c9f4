import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.ts';

// As in Electron's release archives.
const EXECUTABLES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};

export const ENGINES = ['electron', 'chromium'] as const;
export type Engine = (typeof ENGINES)[number];

/** Why the engine cannot run here, or undefined. The host itself decides in more detail; this is for the default list. */
export function engineMissing(engine: Engine): string | undefined {
  // One comes inside an npm package.
  if (engine === 'chromium') return undefined;
  if (!electronBinary()) return 'no Electron binary, and ELECTRON_OVERRIDE_DIST_PATH is not set';
  if (process.platform === 'linux' && !process.env.DISPLAY && !onPath('Xvfb')) {
    return 'no display and no Xvfb';
  }
  return undefined;
}

/** Electron's executable as the host finds it: ELECTRON_OVERRIDE_DIST_PATH, else the one that was downloaded. */
export function electronBinary(): string | undefined {
  const folder = path.join(root, 'node_modules/electron');
  const pathFile = path.join(folder, 'path.txt');
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const name = existsSync(pathFile)
    ? readFileSync(pathFile, 'utf8')
    : (EXECUTABLES[process.platform] ?? 'electron');
  const binary = path.join(override ?? path.join(folder, 'dist'), name);
  return existsSync(binary) ? binary : undefined;
}

/** The browser of the viewer: REACTOR_BENCH_BROWSER, else the machine's, else the one inside an npm package. */
export async function viewerBrowser(): Promise<string> {
  const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const own = process.env.REACTOR_BENCH_BROWSER ?? names.map(onPath).find((found) => found !== undefined);
  if (own) return own;
  const { default: bundled } = await import('@sparticuz/chromium');
  return bundled.executablePath();
}

function onPath(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
