import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Host, type HostOptions } from '../fixtures/host.ts';
import { expect, test } from '../fixtures/test.ts';

const bad = (name: string) => `test/models/bad/${name}.py`;

/** The host cannot go on: one message, a hint, and an exit status that is not 0. */
const ends: [string, HostOptions, RegExp][] = [
  ['a missing file', { model: bad('nowhere') }, /nowhere\.py/],
  ['no model class', { model: bad('no_class') }, /no_class\.py.*no .*(ReactorApp|model)/i],
  ['several model classes, which are named', { model: bad('two_classes') }, /Cat.*Dog/],
  ['a class that is not there', { model: `${bad('two_classes')}:Bird` }, /Bird/],
  ['an import error', { model: bad('import_error') }, /a_package_that_does_not_exist/],
  ['an undeclared class of output', { model: bad('no_class'), args: ['--log-level', 'error'] }, /no_class/],
  // A first output that does not fit what was declared will not fit the next time either.
  ['a wrong dtype', { model: bad('wrong_dtype') }, /main_video: got float32 \(64, 64, 3\), expected uint8/],
  [
    'a wrong shape',
    { model: bad('wrong_shape') },
    /main_video: got uint8 \(3, 64, 64\), expected .*\(H, W, 3\)/,
  ],
  ['sound that is not a number', { model: bad('nan_audio') }, /main_audio.*(NaN|finite)/i],
  ['a track set to None', { model: bad('none_track') }, /main_video.*None/],
  ['a track that was not declared', { model: bad('unknown_track') }, /depth_video/],
  ['a misspelt flag', { args: ['--prot', '1234'] }, /--prot.*--port/s],
  ['a value out of range', { args: ['--port', '70000'] }, /port.*65535/is],
  ['a wrong engine', { args: ['--engine', 'firefox'] }, /engine.*electron.*firefox/is],
  ['listening everywhere without a token', { args: ['--host', '0.0.0.0'] }, /token/],
  ['a Python without the packages', { env: { REACTOR_HOST_PYTHON: '' } }, /pip install|reactor_host/],
  ['a Python that is not there', { args: ['--python', '/nowhere/python3'] }, /\/nowhere\/python3/],
];

for (const [name, options, words] of ends) {
  test(`${name} ends the host with one clear message`, async () => {
    let folder: string | undefined;
    if (options.env?.REACTOR_HOST_PYTHON === '') {
      // An empty environment: a Python that has none of our packages.
      folder = mkdtempSync(path.join(tmpdir(), 'reactor-host-test-venv-'));
      spawnSync('python3', ['-m', 'venv', '--without-pip', folder]);
      options.env.REACTOR_HOST_PYTHON = path.join(folder, 'bin/python');
    }
    try {
      const host = Host.launch({ engine: 'chromium', model: bad('wrong_dtype'), ...options });
      const status = await host.exited;
      expect(status, host.output).not.toBe(0);
      await host.nothingLeft();
      const errors = host.lines.filter(
        ({ level }) => Number(level) >= 50 || level === 'error' || level === 'fatal',
      );
      expect(errors.map((line) => JSON.stringify(line)).join('\n'), host.output).toMatch(words);
      expect(
        host.lines.every((line) => !line.notJson),
        `every line is JSON:\n${host.output}`,
      ).toBe(true);
    } finally {
      if (folder) rmSync(folder, { recursive: true, force: true });
    }
  });
}

test('a port in use ends the host with one clear message', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    const host = Host.launch({
      engine: 'chromium',
      model: bad('wrong_dtype'),
      args: ['--port', String(port)],
    });
    expect(await host.exited).not.toBe(0);
    await host.nothingLeft();
    expect(host.output).toMatch(new RegExp(`${port}`));
    expect(host.output).toMatch(/--port/);
  } finally {
    server.close();
  }
});

test('a typo in the config file names the key and the right one', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'reactor-host-test-config-'));
  const file = path.join(folder, 'host.yml');
  writeFileSync(file, 'maxBitrateBsp: 8000000\n');
  try {
    const host = Host.launch({ engine: 'chromium', args: ['--config', file] });
    expect(await host.exited).not.toBe(0);
    expect(host.output).toMatch(/maxBitrateBsp/);
    expect(host.output).toMatch(/maxBitrateBps/);
    expect(host.output).toContain('host.yml');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The author's code is wrong while it runs: the message reaches the terminal, and the host goes on to try again. */
const goesOn: [string, RegExp][] = [
  ['load_raises', /weights\.safetensors/],
  ['generate_raises', /CUDA out of memory/],
];

for (const [name, words] of goesOn) {
  test(`${name}: the message reaches the terminal and the model is started again`, async ({ startHost }) => {
    void startHost;
    const host = Host.launch({ engine: 'chromium', model: bad(name) });
    try {
      await host.waitForLog('the message', (line) => words.test(line.msg ?? ''));
      await host.waitForLog('the restart', (line) => /starting it again/.test(line.msg ?? ''));
    } finally {
      await host.stop();
    }
  });
}
