// Brings a fresh checkout to the point where the host can start: locked npm and Python packages, the bundles, Electron
// where it can be had. Every step says what it does and is skipped when nothing changed.
// Plain Node without dependencies: it runs before there are any.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const venv = path.join(root, '.venv');
const windows = process.platform === 'win32';
export const venvPython = path.join(venv, windows ? 'Scripts/python.exe' : 'bin/python');
const ELECTRON_RETRY_MS = 24 * 60 * 60 * 1000;

/** What a person can mend: it is printed without a stack. */
class SetupError extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** How a script tells what it does: for people, or as JSON lines in the form of the host's log. */
function speaker(json) {
  return (message) => console.log(json ? jsonLine(30, message) : `setup: ${message}`);
}

function jsonLine(level, msg, more = {}) {
  return JSON.stringify({ level, time: Date.now(), name: 'setup', ...more, msg });
}

/**
 * Everything `npm start` and `npm test` need first.
 *
 * @param {{dev?: boolean, json?: boolean, python?: boolean}} options `dev` adds the tools of the tests; `json` prints all that
 * it and its children say as JSON lines; `python` false leaves out the project's own environment.
 */
export async function setup({ dev = false, json = false, python = true } = {}) {
  const say = speaker(json);
  checkNode();
  await npmPackages(say, json);
  if (python) await pythonPackages(say, json, dev);
  electronBinary(say);
  const { build } = await import(pathToFileURL(path.join(root, 'scripts/build.mjs')).href);
  const started = Date.now();
  if (await build({ json })) say(`built dist/ in ${Date.now() - started} ms`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `Node ${process.versions.node} is too old, 20.19 or newer is needed`,
      'install a current Node (LTS)',
    );
  }
}

async function npmPackages(say, json) {
  const marker = path.join(root, 'node_modules/.reactor-host-lock');
  const wanted = digest('package-lock.json');
  if (read(marker) === wanted) return;
  say('installing npm packages (npm ci) ...');
  // Started by npm, its own path is at hand; on Windows npm is a script that needs a shell.
  const npmCli = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // Electron fetches its binary in a step of its own below, where a failure is no disaster.
  const env = { ...process.env, ELECTRON_SKIP_BINARY_DOWNLOAD: '1' };
  if (npmCli?.endsWith('.js')) await run(process.execPath, [npmCli, ...args], { json, env });
  else await run('npm', args, { json, env, shell: windows });
  writeFileSync(marker, wanted);
}

async function pythonPackages(say, json, dev) {
  const marker = path.join(venv, '.reactor-host-lock');
  const wanted = {
    // An environment holds the path that it was made at, in its scripts and in our link: it does not survive a move.
    folder: root,
    runtime: digest('python-host/requirements.lock'),
    dev: digest('python-host/requirements-dev.lock'),
  };
  const have = JSON.parse(read(marker) ?? '{}');
  const usable = existsSync(venvPython) && have.folder === wanted.folder;
  if (usable && (have.dev === wanted.dev || (!dev && have.runtime === wanted.runtime))) return;
  if (!usable) {
    const base = findPython();
    say(`making the Python environment .venv (Python ${base.version}) ...`);
    rmSync(venv, { recursive: true, force: true });
    const made = spawnSync(base.command, ['-m', 'venv', venv], { encoding: 'utf8' });
    if (made.status !== 0) {
      rmSync(venv, { recursive: true, force: true });
      throw new SetupError(
        `python -m venv failed: ${(made.stderr || made.stdout).trim()}`,
        'on Debian and Ubuntu: apt install python3-venv; elsewhere: a Python from python.org has it',
      );
    }
  }
  const lock = dev ? 'requirements-dev.lock' : 'requirements.lock';
  say(`installing Python packages (${lock}) ...`);
  await run(
    venvPython,
    [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'],
      ...['--only-binary', ':all:', '-r', path.join(root, 'python-host', lock)],
    ],
    { json },
  );
  linkPackage();
  const { dev: _, ...runtimeOnly } = wanted;
  writeFileSync(marker, JSON.stringify(dev ? wanted : runtimeOnly));
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
    `no Python 3.10 or newer (${tried.join(', ')})`,
    'install one from python.org or your system',
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

/** Runs a program to its end. What it prints goes where ours goes, line by line as JSON where that is wanted. */
export async function run(command, args, { json = false, ...options }) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: json ? ['inherit', 'pipe', 'pipe'] : 'inherit',
    ...options,
  });
  const say = speaker(json);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => line.trim() !== '' && say(line));
  }
  const status = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`${command}: ${error.message}`)));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (status !== 0) {
    throw new SetupError(
      `${path.basename(command)} ${args.slice(0, 3).join(' ')} ended with status ${status}`,
      'its own lines above tell more',
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
export async function main(body, { json = false } = {}) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    const known = error instanceof SetupError;
    if (json) {
      console.log(jsonLine(50, error.message, known ? { hint: error.hint } : { stack: error.stack }));
    } else if (known) {
      console.error(`setup: ${error.message}${error.hint ? `\n  hint: ${error.hint}` : ''}`);
    } else {
      console.error(error);
    }
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(() => setup({ dev: process.argv.includes('--dev') }));
}
