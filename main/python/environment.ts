import { existsSync } from 'node:fs';
import { HostError } from '../errors.ts';
import type { Log } from '../log.ts';
import { isPackaged, ownEnvironmentFolder, pythonHostFolder } from '../paths.ts';
import { isTooOld, OLDEST, PACKAGES, type PythonProbe, probePython, pythonIn } from './interpreter.ts';
import { OwnEnvironment } from './own-environment.ts';

export interface PythonChoice {
  command: string;
  reason: string;
}

/** What the choice needs of its surroundings. */
export interface PythonSurroundings {
  /** `--python`. */
  wanted: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** The environment that belongs to this installation, whether it has been made or not. */
  ownFolder: string;
  /** What `pip install` takes to bring `reactor_host`. */
  packageSource: string;
  /** Makes or renews `ownFolder`, where that is the host's own business: in a package. */
  makeOwn?: () => Promise<void>;
  platform: NodeJS.Platform;
  exists: (file: string) => boolean;
  /** Throws when the interpreter does not run at all. */
  probe: (command: string) => Promise<PythonProbe>;
}

/**
 * The interpreter for the model: `--python`, else an active virtual environment that has `reactor_host`, else the one of this
 * installation.
 *
 * @throws HostError `no-python`, `python-too-old`, `python-without-packages`, `python-install-failed`.
 */
export async function choosePython(around: PythonSurroundings): Promise<PythonChoice> {
  const inFolder = (folder: string) => pythonIn(folder, around.platform);
  if (around.wanted !== undefined) {
    await check(around.wanted, around);
    return { command: around.wanted, reason: '--python' };
  }
  const own = inFolder(around.ownFolder);
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
  await around.makeOwn?.();
  if (around.exists(own)) {
    await check(own, around);
    return {
      command: own,
      reason: activeError
        ? `${activeError.message}; using the one of this installation`
        : 'the one of this installation',
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
  if (isTooOld(probe.version)) {
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
      `install with: ${command} -m pip install ${around.packageSource}`,
    );
  }
}

/** The real surroundings. */
export function pythonSurroundings(
  wanted: string | undefined,
  bundleFolder: string,
  log: Pick<Log, 'info' | 'debug'>,
): PythonSurroundings {
  const source = pythonHostFolder(bundleFolder);
  const packaged = isPackaged(bundleFolder) ? new OwnEnvironment(bundleFolder, log) : undefined;
  return {
    wanted,
    env: process.env,
    ownFolder: ownEnvironmentFolder(bundleFolder),
    packageSource: packaged?.wheel ?? source,
    ...(packaged ? { makeOwn: () => packaged.make() } : {}),
    platform: process.platform,
    exists: existsSync,
    probe: probePython,
  };
}
