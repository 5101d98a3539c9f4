import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { HostError } from '../errors.ts';

/** Modules that `reactor_host` imports, and the package that brings each. */
const PACKAGES: Record<string, string> = {
  reactor_host: 'reactor_host',
  numpy: 'numpy',
  cv2: 'opencv-python-headless',
  websockets: 'websockets',
  msgspec: 'msgspec',
  pydantic: 'pydantic',
  soxr: 'soxr',
};
const OLDEST: readonly [number, number] = [3, 10];

/** Looks without importing: OpenCV alone takes half a second to load. */
const PROBE = `import importlib.util, json, sys
names = sys.argv[1:]
print(json.dumps({"version": list(sys.version_info[:3]), "missing": [n for n in names if importlib.util.find_spec(n) is None]}))`;

export interface PythonProbe {
  version: number[];
  missing: string[];
}

export interface PythonChoice {
  command: string;
  reason: string;
}

/** What the choice needs of its surroundings. */
export interface PythonSurroundings {
  /** `--python`. */
  wanted: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  projectFolder: string;
  platform: NodeJS.Platform;
  exists: (file: string) => boolean;
  /** Throws when the interpreter does not run at all. */
  probe: (command: string) => Promise<PythonProbe>;
}

/**
 * The interpreter for the model: `--python`, else an active virtual environment that has `reactor_host`, else the project's.
 *
 * @throws HostError `no-python`, `python-too-old`, `python-without-packages`.
 */
export async function choosePython(around: PythonSurroundings): Promise<PythonChoice> {
  const inFolder = (folder: string) =>
    around.platform === 'win32'
      ? path.join(folder, 'Scripts', 'python.exe')
      : path.join(folder, 'bin', 'python');
  if (around.wanted !== undefined) {
    await check(around.wanted, around);
    return { command: around.wanted, reason: '--python' };
  }
  const own = inFolder(path.join(around.projectFolder, '.venv'));
  const active = around.env.VIRTUAL_ENV ?? around.env.CONDA_PREFIX;
  let activeError: HostError | undefined;
  if (active) {
    try {
      await check(inFolder(active), around);
      return { command: inFolder(active), reason: 'active virtual environment' };
    } catch (thrown) {
      activeError = thrown as HostError;
    }
  }
  if (around.exists(own)) {
    await check(own, around);
    return {
      command: own,
      reason: activeError ? `${activeError.message}; using the project's own` : "the project's own",
    };
  }
  throw (
    activeError ??
    new HostError(
      'no-python',
      'no Python environment: --python is not given, none is active, and the project has no .venv',
      'run npm run setup, or name an interpreter that has reactor_host with --python PATH',
    )
  );
}

async function check(command: string, around: PythonSurroundings): Promise<void> {
  let probe: PythonProbe;
  try {
    probe = await around.probe(command);
  } catch (cause) {
    throw new HostError(
      'no-python',
      `${command} does not run as Python: ${(cause as Error).message.split('\n')[0]}`,
      'give --python the path of a Python interpreter, 3.10 or newer',
      { cause },
    );
  }
  const [major = 0, minor = 0] = probe.version;
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new HostError(
      'python-too-old',
      `${command} is Python ${probe.version.join('.')}, ${OLDEST.join('.')} or newer is needed`,
      'give --python the path of a newer interpreter',
    );
  }
  if (probe.missing.length > 0) {
    const packages = probe.missing.map((name) => PACKAGES[name] ?? name);
    throw new HostError(
      'python-without-packages',
      `${command} lacks ${packages.join(', ')}`,
      `install with: ${command} -m pip install ${path.join(around.projectFolder, 'python-host')}`,
    );
  }
}

/** The real surroundings. PYTHONPATH is honoured because the probe has the same environment as the model will have. */
export function pythonSurroundings(wanted: string | undefined, projectFolder: string): PythonSurroundings {
  return {
    wanted,
    env: process.env,
    projectFolder,
    platform: process.platform,
    exists: existsSync,
    probe: async (command) => {
      const { stdout } = await promisify(execFile)(command, ['-c', PROBE, ...Object.keys(PACKAGES)], {
        timeout: 30_000,
        windowsHide: true,
      });
      return JSON.parse(stdout) as PythonProbe;
    },
  };
}
