import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bundle of the bench runs in dist/bench/. */
export const scripts = path.dirname(fileURLToPath(import.meta.url));
export const root = path.resolve(scripts, '../..');
export const venvPython = pythonOf(path.join(root, '.venv'));

/** The interpreter of a virtual environment. */
export function pythonOf(environment: string): string {
  return path.join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
}
