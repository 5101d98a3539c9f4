import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { projectRoot, venvPython } from '../fixtures/engines.ts';
import { expect, test } from '../fixtures/test.ts';

interface Report {
  ok: boolean;
  checks: { name: string; status: string; message: string; hint?: string }[];
}

function doctor(...args: string[]): Promise<{ status: number; stdout: string }> {
  const launcher = path.join(projectRoot, 'bin/reactor-host.mjs');
  return new Promise((resolve) => {
    const env = { ...process.env, REACTOR_HOST_PYTHON: venvPython };
    const child = execFile(process.execPath, [launcher, 'doctor', ...args], { env }, (_, stdout) =>
      resolve({ status: child.exitCode ?? -1, stdout }),
    );
  });
}

test('doctor starts the engine and names what it found; with --json for programs', async () => {
  const { status, stdout } = await doctor('--json', '--engine', 'chromium', '--port', '0');
  const report = JSON.parse(stdout) as Report;
  expect(report.ok, stdout).toBe(true);
  expect(status).toBe(0);
  const found = Object.fromEntries(report.checks.map(({ name, message }) => [name, message]));
  expect(found.engine).toMatch(/^chromium, .+; ready after \d+ ms$/);
  expect(found.codecs).toMatch(/vp9.*vp8.*av1/);
  expect(found.python).toContain(venvPython);
  expect(Object.keys(found).sort()).toEqual([
    'codecs',
    'display',
    'engine',
    'gpu',
    'hardware encode',
    'network',
    'ports',
    'python',
    'shared memory',
    'system',
  ]);
});

test('doctor says what keeps the host from running, what to do, and ends with 1', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    const { status, stdout } = await doctor(
      ...['--engine', 'chromium', '--chromium', '/bin/false', '--port', String(port)],
      ...['--python', '/nowhere/python3'],
    );
    expect(status, stdout).toBe(1);
    expect(stdout).toMatch(/^fail {2}engine .*\/bin\/false.*\n +hint: \S/m);
    expect(stdout).toMatch(new RegExp(`^fail {2}ports .*${port} is in use\n +hint: .*--port`, 'm'));
    expect(stdout).toMatch(/^fail {2}python .*\/nowhere\/python3.*\n +hint: .*--python/m);
    expect(stdout).toMatch(/^ok {4}shared memory /m);
  } finally {
    server.close();
  }
});

test('doctor --install is for a package: from a checkout it says what to do instead', async () => {
  const { status, stdout } = await doctor('--install', '--engine', 'chromium', '--port', '0');
  expect(status, stdout).toBe(1);
  expect(stdout).toMatch(/^fail {2}python .*--install is for an installed package\n +hint: \S/m);
});
