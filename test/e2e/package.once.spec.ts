import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { engineMissing, enginesRequired, projectRoot } from '../fixtures/engines.ts';
import { Host } from '../fixtures/host.ts';
import { InstalledPackage } from '../fixtures/installed-package.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

const missing = process.platform === 'linux' ? engineMissing('electron') : 'the package of Linux';
test.skip(missing !== undefined && !enginesRequired().includes('electron'), missing ?? '');
// One package for all, and the second test finds the Python environment that the first has made.
test.describe.configure({ mode: 'serial' });

const run = promisify(execFile);
let installed: InstalledPackage;

test.beforeAll(async () => {
  installed = await InstalledPackage.make();
});

test.afterAll(() => installed?.remove());

test('unpacked, with no checkout near, it makes its Python environment and a browser plays the stream', async ({
  startHost,
  viewerPage,
}) => {
  const model = installed.addModel('pattern.py');
  const host = await startHost({ engine: 'electron', installed, model });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await viewer.expectColours('main_video');
  await viewer.waitForPictures('main_video', 10);
  const commands = host.processes().map(({ command }) => command);
  expect(commands.filter((command) => command.includes(installed.folder)).length).toBeGreaterThan(3);
  expect(commands.filter((command) => command.includes(projectRoot))).toEqual([]);
  expect(host.output).toContain('making the Python environment');
  expect(host.output).toContain('pictures travel by shared memory');
});

test('its doctor finds nothing that keeps it from running, and an environment that is older than the package', async () => {
  const env = { ...process.env, ...installed.env };
  const doctor = (...args: string[]) =>
    run(installed.launcher, ['doctor', '--port', '0', ...args], { env, cwd: installed.folder });
  const { stdout } = await doctor();
  const python = `${installed.folder}/data/reactor-host/python/`;
  const pythonIsThere = new RegExp(`^ok {4}python .*, ${python}`, 'm');
  expect(stdout).toMatch(new RegExp(`^ok {4}engine +electron, ${installed.folder}/`, 'm'));
  expect(stdout).toMatch(pythonIsThere);
  expect(stdout).not.toMatch(/^fail/m);
  const lock = readFileSync(installed.lock, 'utf8');
  writeFileSync(installed.lock, `${lock}# of another version\n`);
  // What an older version has left there is not to be found in the new one.
  const left = path.join(python, 'left.txt');
  writeFileSync(left, '');
  try {
    expect((await doctor()).stdout).toMatch(/^warn {2}python .*older version's\n +hint: .*doctor --install/m);
    expect(existsSync(left)).toBe(true);
    const made = await doctor('--install');
    expect(made.stdout).toMatch(pythonIsThere);
    expect(existsSync(left)).toBe(false);
    // It stays, and starts as one that is up to date.
    expect((await doctor()).stdout).toMatch(pythonIsThere);
  } finally {
    writeFileSync(installed.lock, lock);
  }
});

test('its wheel and lock file alone make an environment that runs a model against a host elsewhere', async ({
  viewerPage,
}) => {
  const env = { ...process.env, ...installed.env };
  const venv = path.join(installed.folder, 'venv');
  const python = path.join(venv, 'bin/python');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run('python3', ['-m', 'venv', venv], { env });
  await run(python, [...pip, '--require-hashes', '--only-binary', ':all:', '-r', installed.lock], { env });
  // Without an index: what the wheel asks for has to be what the lock file brought.
  await run(python, [...pip, '--no-index', installed.wheel], { env });

  const cwd = installed.folder;
  const { stdout } = await run(python, ['-m', 'reactor_host', '--version'], { env, cwd });
  expect(stdout).toMatch(/^reactor_host \d+\.\d+\.\d+\n$/);
  expect(await run(path.join(venv, 'bin/reactor-host-model'), ['--version'], { env, cwd })).toEqual({
    stdout,
    stderr: '',
  });

  const secret = 'a-secret-both-machines-know-0123456789';
  const host = Host.launch({
    engine: 'electron',
    installed,
    args: ['--remote-model'],
    env: { REACTOR_HOST_HOST_SECRET: secret },
  });
  let model: ChildProcess | undefined;
  try {
    const { msg } = await host.waitForLog('it listens', (line) => /ws:\S+/.test(line.msg ?? ''));
    const url = /ws:\S+/.exec(String(msg))?.[0] ?? '';
    model = spawn(python, ['-m', 'reactor_host', installed.addModel('pattern.py'), '--host', url], {
      env: { ...env, REACTOR_HOST_SECRET: secret },
      cwd,
      stdio: 'ignore',
    });
    await host.ready();
    const viewer = new PatternViewer(viewerPage);
    await viewer.open(host.url);
    await viewer.expectColours('main_video');
    expect(host.processes().some(({ command }) => command.includes('-m reactor_host'))).toBe(false);
  } finally {
    // Its request for events is not to be the one that breaks.
    await viewerPage.close();
    model?.kill('SIGTERM');
    await host.stop();
  }
});
