import path from 'node:path';

/** The folder `dist/` of this installation: the bundles lie in `dist/main/`. */
export function distFolder(bundleFolder: string): string {
  return path.resolve(bundleFolder, '..');
}

/** The folder of this installation: where `dist/`, `python-host/` and the project's `.venv` are. */
export function projectFolder(bundleFolder: string): string {
  return path.resolve(bundleFolder, '../..');
}
