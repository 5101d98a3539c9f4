import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

/**
 * `scripts/start.mjs` and `scripts/setup.mjs` in a checkout of their own, with stand-ins for all that they start: npm,
 * Python, the bundler and the host.
 */
let folder: string;
let checkout: string;

const STAND_INS: Record<string, string> = {
  'package-lock.json': '{}',
  'python-host/requirements.lock': '',
  'python-host/requirements-dev.lock': '',
  'scripts/build.mjs': 'export const build = async () => false;',
  'bin/reactor-host.mjs':
    'console.log(JSON.stringify({ level: 30, msg: "ready", cwd: process.cwd(), argv: process.argv.slice(2) }));',
  // npm as npm names itself to its scripts, and Python, are outside of the checkout.
  '../npm.js':
    'require("node:fs").mkdirSync("node_modules", { recursive: true }); console.log("added 1 package"); console.error("npm warn old");' +
    'process.exit(process.env.TEST_NPM_FAILS ? 1 : 0);',
  '../bin/python3': `#!/bin/sh
case "$1 $2" in
"-c "*) echo 3.12.0 ;;
"-m venv") /bin/mkdir -p "$3/bin" "$3/lib/python3.12/site-packages"; /bin/cp "$0" "$3/bin/python" ;;
"-m pip") echo "WARNING: pip says something" >&2 ;;
esac
`,
};

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'reactor-host-start-')));
  checkout = path.join(folder, 'checkout');
  for (const [name, text] of Object.entries(STAND_INS)) {
    const file = path.join(checkout, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o755 });
  }
  for (const name of ['setup.mjs', 'start.mjs', 'npm-watch.mjs']) {
    copyFileSync(path.join(import.meta.dirname, name), path.join(checkout, 'scripts', name));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

function start(args: string[] = [], env: Record<string, string> = {}) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [path.join(checkout, 'scripts/start.mjs'), ...args],
    {
      cwd: checkout,
      encoding: 'utf8',
      env: {
        PATH: path.join(folder, 'bin'),
        npm_execpath: path.join(folder, 'npm.js'),
        npm_lifecycle_event: 'start',
        // No download.
        ELECTRON_OVERRIDE_DIST_PATH: folder,
        ...env,
      },
    },
  );
  return { lines: stdout.split('\n').filter((line) => line !== ''), stderr, status };
}

const JSON_FORMAT = ['--log-format', 'json'];

/** Each line as the JSON that it has to be. */
const messages = (lines: string[]) => lines.map((line) => JSON.parse(line));

test.skipIf(process.platform === 'win32')(
  'the first start installs everything, a second one nothing, and both reach the host',
  () => {
    const first = start();
    expect(first.status, first.stderr).toBe(0);
    expect(first.lines.slice(0, 3)).toEqual([
      'setup: installing npm packages (npm ci) ...',
      'added 1 package',
      'setup: making the Python environment .venv (Python 3.12.0) ...',
    ]);
    expect(first.lines.at(-1)).toContain('"ready"');
    const second = start();
    expect([second.lines.length, second.stderr]).toEqual([1, '']);
    expect(second.lines[0]).toContain('"ready"');
  },
);

test.skipIf(process.platform === 'win32')(
  'in JSON every line is JSON, what npm and pip print too, and an error',
  () => {
    const good = start(JSON_FORMAT);
    expect([good.status, good.stderr]).toEqual([0, '']);
    expect(messages(good.lines).map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['added 1 package', 'npm warn old', 'WARNING: pip says something', 'ready']),
    );
    rmSync(path.join(checkout, 'node_modules'), { recursive: true });
    const bad = start([], { TEST_NPM_FAILS: '1', REACTOR_HOST_LOG_FORMAT: 'json' });
    expect([bad.status, bad.stderr]).toEqual([1, '']);
    expect(messages(bad.lines).at(-1)).toMatchObject({
      level: 50,
      msg: expect.stringMatching(/npm\.js ci .* ended with status 1$/),
      hint: expect.stringMatching(/./),
    });
  },
);

test.skipIf(process.platform === 'win32')('without a Python it says what to do', () => {
  const { lines, stderr, status } = start([], { PATH: path.join(folder, 'nothing') });
  expect(status).toBe(1);
  expect(stderr).toContain(
    'setup: no Python 3.10 or newer (python3: not found, python: not found)\n' +
      '  hint: install one from python.org or your system\n',
  );
  expect(lines.some((line) => line.includes('ready'))).toBe(false);
});

test.skipIf(process.platform === 'win32')('paths are meant from where npm was called', () => {
  start();
  const elsewhere = path.join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  const there = start(['model.py', ...JSON_FORMAT], { INIT_CWD: elsewhere });
  expect(messages(there.lines)).toMatchObject([
    { msg: 'ready', cwd: elsewhere, argv: ['model.py', ...JSON_FORMAT] },
  ]);
  // Of another script of npm it says nothing about us.
  const inside = start([], { INIT_CWD: elsewhere, npm_lifecycle_event: 'demo' });
  expect(messages(inside.lines)).toMatchObject([{ cwd: checkout }]);
});

test.skipIf(process.platform === 'win32')('a checkout that was moved gets a new Python environment', () => {
  start();
  writeFileSync(path.join(checkout, '.venv/old'), '');
  const moved = path.join(folder, 'moved');
  renameSync(checkout, moved);
  checkout = moved;
  const first = start();
  expect(first.lines).toContain('setup: making the Python environment .venv (Python 3.12.0) ...');
  expect(() => copyFileSync(path.join(moved, '.venv/old'), path.join(folder, 'copy'))).toThrow('ENOENT');
  expect(start().lines).toHaveLength(1);
});
