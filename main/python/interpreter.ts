import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** Modules that `reactor_host` imports, and the package that brings each. */
export const PACKAGES: Record<string, string> = {
  reactor_host: 'reactor_host',
  numpy: 'numpy',
  cv2: 'opencv-python-headless',
  websockets: 'websockets',
  msgspec: 'msgspec',
  pydantic: 'pydantic',
  soxr: 'soxr',
};
export const OLDEST: readonly [number, number] = [3, 10];

/** Looks without importing: OpenCV alone takes half a second to load. */
const PROBE = `import importlib.util, json, sys
names = sys.argv[1:]
print(json.dumps({"version": list(sys.version_info[:3]), "missing": [n for n in names if importlib.util.find_spec(n) is None]}))`;

export interface PythonProbe {
  version: number[];
  missing: string[];
}

export function pythonIn(folder: string, platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32'
    ? path.join(folder, 'Scripts', 'python.exe')
    : path.join(folder, 'bin', 'python');
}

export function isTooOld([major = 0, minor = 0]: readonly number[]): boolean {
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

/** Asks an interpreter. PYTHONPATH counts, as the environment is the one the model will have. @throws when it does not run. */
export async function probePython(command: string): Promise<PythonProbe> {
  const { stdout } = await promisify(execFile)(command, ['-c', PROBE, ...Object.keys(PACKAGES)], {
    timeout: 30_000,
    windowsHide: true,
  });
  return JSON.parse(stdout) as PythonProbe;
}
