import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { NotRunnable } from './contestant.ts';
import { pythonOf, root } from './paths.ts';

/** What a peer needs from PyPI. Pinned: figures of two days are to be figures of one thing. */
export interface Needs {
  name: string;
  packages: string[];
  /** The oldest Python that the packages run on. */
  python: [major: number, minor: number];
}

const INSTALL_LIMIT_MS = 600_000;

/** The interpreter of an environment of the peer's own in .cache/, made on first use. @throws NotRunnable */
export function peerPython(needs: Needs, say: (line: string) => void): string {
  const folder = path.join(root, '.cache', `bench-${needs.name}`);
  const marker = path.join(folder, '.packages');
  const wanted = needs.packages.join('\n');
  const python = pythonOf(folder);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return python;
  const base = findPython(needs);
  say(`making an environment for ${needs.name} (Python ${base.version}) ...`);
  rmSync(folder, { recursive: true, force: true });
  const made = spawnSync(base.command, ['-m', 'venv', folder], { encoding: 'utf8' });
  if (made.status !== 0)
    throw new NotRunnable(`python -m venv failed: ${lastLine(made.stderr || made.stdout)}`);
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
  const installed = spawnSync(python, [...args, ...needs.packages], {
    encoding: 'utf8',
    timeout: INSTALL_LIMIT_MS,
  });
  if (installed.status !== 0) {
    const reason = installed.error?.message ?? lastLine(installed.stderr || installed.stdout);
    throw new NotRunnable(`not installable: ${reason}`);
  }
  writeFileSync(marker, wanted);
  return python;
}

function findPython({ name, python: [major, minor] }: Needs): { command: string; version: string } {
  const tried: string[] = [];
  for (const command of candidates(major)) {
    const asked = spawnSync(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], {
      encoding: 'utf8',
    });
    const version = asked.status === 0 ? asked.stdout.trim() : '';
    const [itsMajor = 0, itsMinor = 0] = version.split('.').map(Number);
    if (itsMajor === major && itsMinor >= minor) return { command, version };
    if (version) tried.push(version);
  }
  throw new NotRunnable(
    `not installable: ${name} needs Python ${major}.${minor} or newer, found ${tried.join(', ') || 'none'}; ` +
      'name one in REACTOR_BENCH_PYTHON',
  );
}

function candidates(major: number): string[] {
  const own = process.env.REACTOR_BENCH_PYTHON;
  if (own) return [own];
  // pyenv keeps interpreters that are not on the PATH.
  const versions = path.join(process.env.PYENV_ROOT ?? path.join(homedir(), '.pyenv'), 'versions');
  const kept = existsSync(versions)
    ? readdirSync(versions).filter((name) => name.startsWith(`${major}.`))
    : [];
  return [
    ...(process.platform === 'win32' ? ['py', 'python'] : ['python3', 'python']),
    ...[10, 11, 12, 13, 14].map((minor) => `python${major}.${minor}`),
    ...kept.map((name) => path.join(versions, name, 'bin/python')),
  ];
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
