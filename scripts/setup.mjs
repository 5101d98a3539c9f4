// Brings a fresh checkout to the point where the host can start: locked npm and Python packages, the bundles, Electron
// where it can be had. Every step says what it does and is skipped when nothing changed.
// Plain Node without dependencies: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const venv = path.join(root, '.venv');
const windows = process.platform === 'win32';
export const venvPython = path.join(venv, windows ? 'Scripts/python.exe' : 'bin/python');
const ELECTRON_RETRY_MS = 24 * 60 * 60 * 1000;

class SetupError extends Error {}

/**
 * Everything `npm start` and `npm test` need first.
 *
 * @param {{dev?: boolean, quiet?: boolean, json?: boolean, python?: boolean}} options `dev` adds the tools of the tests;
 * `json` prints progress as JSON lines; `python` false leaves out the project's own environment.
 */
export async function setup({ dev = false, json = false, python = true } = {}) {
  const say = (message) =>
    console.log(
      json
        ? JSON.stringify({ level: 30, time: Date.now(), name: 'setup', msg: message })
        : `setup: ${message}`,
    );
  checkNode();
  npmPackages(say);
  if (python) pythonPackages(say, dev);
  electronBinary(say);
  const { build } = await import(pathToFileURL(path.join(root, 'scripts/build.mjs')).href);
  const started = Date.now();
  if (await build()) say(`built dist/ in ${Date.now() - started} ms`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `Node ${process.versions.node} is too old, 20.19 or newer is needed. Install a current Node (LTS).`,
    );
  }
}

function npmPackages(say) {
  const marker = path.join(root, 'node_modules/.reactor-host-lock');
  const wanted = digest('package-lock.json');
  if (read(marker) === wanted) return;
  say('installing npm packages (npm ci) ...');
  // Started by npm, its own path is at hand; on Windows npm is a script that needs a shell.
  const npmCli = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // Electron fetches its binary in a step of its own below, where a failure is no disaster.
  const env = { ...process.env, ELECTRON_SKIP_BINARY_DOWNLOAD: '1' };
  if (npmCli?.endsWith('.js')) run(process.execPath, [npmCli, ...args], { env });
  else run('npm', args, { env, shell: windows });
  writeFileSync(marker, wanted);
}

function pythonPackages(say, dev) {
  const marker = path.join(venv, '.reactor-host-lock');
  const wanted = {
    runtime: digest('python-host/requirements.lock'),
    dev: digest('python-host/requirements-dev.lock'),
  };
  const have = JSON.parse(read(marker) ?? '{}');
  const ready =
    existsSync(venvPython) && (have.dev === wanted.dev || (!dev && have.runtime === wanted.runtime));
  if (!ready) {
    if (!existsSync(venvPython)) {
      const base = findPython();
      say(`making the Python environment .venv (Python ${base.version}) ...`);
      rmSync(venv, { recursive: true, force: true });
      const made = spawnSync(base.command, ['-m', 'venv', venv], { encoding: 'utf8' });
      if (made.status !== 0) {
        rmSync(venv, { recursive: true, force: true });
        throw new SetupError(
          `python -m venv failed: ${(made.stderr || made.stdout).trim()}\n` +
            'On Debian and Ubuntu: apt install python3-venv. Elsewhere: a Python from python.org has it.',
        );
      }
    }
    const lock = dev ? 'requirements-dev.lock' : 'requirements.lock';
    say(`installing Python packages (${lock}) ...`);
    run(venvPython, [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'],
      ...['--only-binary', ':all:', '-r', path.join(root, 'python-host', lock)],
    ]);
    linkPackage();
    writeFileSync(marker, JSON.stringify(dev ? wanted : { runtime: wanted.runtime }));
  }
}

/** Makes `reactor_host` importable from the source tree, without a build step that would need its tools downloaded. */
function linkPackage() {
  const sitePackages = windows
    ? path.join(venv, 'Lib/site-packages')
    : path.join(
        venv,
        'lib',
        readdirSync(path.join(venv, 'lib')).find((name) => name.startsWith('python')) ?? '',
        'site-packages',
      );
  writeFileSync(path.join(sitePackages, 'reactor_host.pth'), `${path.join(root, 'python-host')}\n`);
}

function findPython() {
  const tried = [];
  for (const command of windows ? ['py', 'python', 'python3'] : ['python3', 'python']) {
    const result = spawnSync(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], {
      encoding: 'utf8',
    });
    const version = result.stdout?.trim() ?? '';
    const [major, minor] = version.split('.').map(Number);
    if (result.status === 0 && (major > 3 || (major === 3 && minor >= 10))) return { command, version };
    tried.push(`${command}: ${version || 'not found'}`);
  }
  throw new SetupError(
    `no Python 3.10 or newer (${tried.join(', ')}). Install one from python.org or your system.`,
  );
}

/** Fetches Electron once; where its site is closed the host falls back to Chromium, so this may fail. */
function electronBinary(say) {
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) return;
  const folder = path.join(root, 'node_modules/electron');
  const binary = read(path.join(folder, 'path.txt'));
  if (binary && existsSync(path.join(folder, 'dist', binary))) return;
  const marker = path.join(root, '.cache/electron-download-failed');
  const failedAtMs = Number(read(marker) ?? 0);
  if (Date.now() - failedAtMs < ELECTRON_RETRY_MS) return;
  say('downloading Electron ...');
  const result = spawnSync(process.execPath, [path.join(folder, 'install.js')], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (result.status === 0) {
    rmSync(marker, { force: true });
    return;
  }
  mkdirSync(path.dirname(marker), { recursive: true });
  writeFileSync(marker, String(Date.now()));
  const reason = (result.stderr || result.error?.message || 'no answer').trim().split('\n')[0];
  say(
    `Electron cannot be downloaded (${reason}); going on without it, next try in a day. ` +
      'Set ELECTRON_OVERRIDE_DIST_PATH to use another Electron.',
  );
}

export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw new SetupError(`${command}: ${result.error.message}`);
  if (result.status !== 0) {
    throw new SetupError(
      `${path.basename(command)} ${args.slice(0, 3).join(' ')} ended with status ${result.status}`,
    );
  }
}

function digest(file) {
  return createHash('sha256')
    .update(readFileSync(path.join(root, file)))
    .digest('hex');
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Runs a script's main part; what a person can mend is printed without a stack. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    console.error(error instanceof SetupError ? `setup: ${error.message}` : error);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(() => setup({ dev: process.argv.includes('--dev') }));
}
