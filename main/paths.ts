import { homedir } from 'node:os';
import path from 'node:path';

/**
 * What lies where. A checkout has `dist/main/` (the bundles), `python-host/` and `.venv/` in one folder; a package has the
 * bundles in `resources/app.asar/dist/main/`, `resources/python-host/` beside the archive, since Python reads no archive,
 * and its Python environment in the user's data folder, since its own may be read-only.
 *
 * @packageDocumentation
 */

/** The folder `dist/` of this installation: the bundles lie in `dist/main/`. */
export function distFolder(bundleFolder: string): string {
  return path.resolve(bundleFolder, '..');
}

export function isPackaged(bundleFolder: string): boolean {
  return path.basename(projectFolder(bundleFolder)) === 'app.asar';
}

/** The checkout, or the archive of a package. */
export function projectFolder(bundleFolder: string): string {
  return path.resolve(bundleFolder, '../..');
}

/** The Python side: the package's source in a checkout, its wheel in a package, and the examples in both. */
export function pythonHostFolder(bundleFolder: string): string {
  const project = projectFolder(bundleFolder);
  return path.join(isPackaged(bundleFolder) ? path.dirname(project) : project, 'python-host');
}

/** The Python environment that belongs to this installation, whether it has been made or not. */
export function ownEnvironmentFolder(
  bundleFolder: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (!isPackaged(bundleFolder)) return path.join(projectFolder(bundleFolder), '.venv');
  return path.join(dataFolder(env, platform), 'python');
}

/** By each system's own rule for data that programs keep for a user (Linux: XDG Base Directory Specification 0.8). */
function dataFolder(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string {
  const base =
    platform === 'win32'
      ? (env.LOCALAPPDATA ?? path.join(homedir(), 'AppData', 'Local'))
      : platform === 'darwin'
        ? path.join(homedir(), 'Library', 'Application Support')
        : env.XDG_DATA_HOME || path.join(homedir(), '.local', 'share');
  return path.join(base, 'reactor-host');
}
