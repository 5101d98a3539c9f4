import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { HostError } from '../errors.ts';
import type { Log } from '../log.ts';
import { ownEnvironmentFolder, pythonHostFolder } from '../paths.ts';
import { isTooOld, probePython, pythonIn } from './interpreter.ts';

/** pip waits 15 s for each answer of a server by itself; this is for one that trickles. */
const INSTALL_LIMIT_MS = 15 * 60_000;
const MARKER = '.reactor-host';

/** The Python environment of an installed package: made in the user's data folder from the wheel and lock file it brings. */
export class OwnEnvironment {
  readonly folder: string;
  readonly wheel: string;
  readonly #lock: string;
  readonly #log: Pick<Log, 'info' | 'debug'>;

  constructor(bundleFolder: string, log: Pick<Log, 'info' | 'debug'>) {
    const source = pythonHostFolder(bundleFolder);
    this.folder = ownEnvironmentFolder(bundleFolder);
    this.wheel = path.join(source, readdirSync(source).find((name) => name.endsWith('.whl')) ?? '');
    this.#lock = path.join(source, 'requirements.lock');
    this.#log = log;
  }

  /** Made from just these files, and whole. */
  get isCurrent(): boolean {
    return read(path.join(this.folder, MARKER)) === this.#wanted();
  }

  /**
   * Makes it, or makes it anew after an update of the package; nothing is done when it is current.
   *
   * @throws HostError `no-python`, `python-install-failed`
   */
  async make(): Promise<void> {
    if (this.isCurrent) return;
    const base = await findPython();
    this.#log.info(
      { folder: this.folder, python: base },
      'making the Python environment, once: packages are downloaded that take about 270 MB',
    );
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(path.dirname(this.folder), { recursive: true });
    await this.#run(
      base,
      ['-m', 'venv', this.folder],
      'on Debian and Ubuntu: apt install python3-venv; elsewhere: a Python from python.org has it',
    );
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const offline =
      'it needs a package index (PIP_INDEX_URL names another); or name an interpreter that has reactor_host ' +
      `with --python PATH: PATH -m pip install ${this.wheel}`;
    const python = pythonIn(this.folder);
    await this.#run(
      python,
      [...pip, '--require-hashes', '--only-binary', ':all:', '-r', this.#lock],
      offline,
    );
    await this.#run(python, [...pip, '--no-index', '--no-deps', this.wheel], offline);
    writeFileSync(path.join(this.folder, MARKER), this.#wanted());
  }

  #wanted(): string {
    const hash = createHash('sha256');
    for (const file of [this.#lock, this.wheel]) hash.update(readFileSync(file));
    return hash.digest('hex');
  }

  async #run(command: string, args: string[], hint: string): Promise<void> {
    try {
      const { stdout, stderr } = await promisify(execFile)(command, args, {
        timeout: INSTALL_LIMIT_MS,
        windowsHide: true,
      });
      for (const text of [stdout, stderr]) if (text.trim() !== '') this.#log.debug(text.trim());
    } catch (cause) {
      const { stdout = '', stderr = '', message } = cause as Error & { stdout?: string; stderr?: string };
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-3).join('; ') || message;
      throw new HostError('python-install-failed', `${args.slice(0, 3).join(' ')}: ${said}`, hint, { cause });
    }
  }
}

async function findPython(): Promise<string> {
  const tried: string[] = [];
  for (const command of process.platform === 'win32' ? ['py', 'python'] : ['python3', 'python']) {
    const probe = await probePython(command).catch(() => undefined);
    if (probe && !isTooOld(probe.version)) return command;
    tried.push(`${command}: ${probe?.version.join('.') ?? 'not found'}`);
  }
  throw new HostError(
    'no-python',
    `no Python 3.10 or newer (${tried.join(', ')})`,
    'install one (Debian and Ubuntu: apt install python3 python3-venv), or name one with --python PATH',
  );
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
