import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Host, type HostOptions, type LogLine } from '../fixtures/host.ts';
import { expect, test } from '../fixtures/test.ts';

// Nobody watches here, and a model would not take the step that goes wrong.
const unwatched = { REACTOR_HOST_GENERATE: 'always' };
const bad = (name: string) => `test/models/bad/${name}.py`;

interface Case extends HostOptions {
  /** What the message says. */
  words: RegExp;
  /** The line of the author's code that the traceback shows. Without it there is no traceback. */
  raisedBy?: string;
  /** Runs with an environment that has none of our packages. */
  emptyPython?: boolean;
}

/** The host cannot go on: one message, a hint, and an exit status that is not 0. */
const ends: Record<string, Case> = {
  'a missing file': { model: bad('nowhere'), words: /nowhere\.py/ },
  'no model class': { model: bad('no_class'), words: /no_class\.py has no model class/ },
  'no model class, with the format of the log in a variable': {
    model: bad('no_class'),
    env: { REACTOR_HOST_LOG_FORMAT: 'json' },
    words: /no_class\.py has no model class/,
  },
  'several model classes, which are named': { model: bad('two_classes'), words: /Cat.*Dog/ },
  'a class that is not there': { model: `${bad('two_classes')}:Bird`, words: /Bird/ },
  'an import error': {
    model: bad('import_error'),
    words: /a_package_that_does_not_exist/,
    raisedBy: 'import a_package_that_does_not_exist',
  },
  'an undeclared class of output': {
    model: bad('other_output'),
    args: ['--log-level', 'error'],
    words: /Depth\.depth_video was not announced/,
  },
  // A first output that does not fit what was declared will not fit the next time either.
  'a wrong dtype': {
    model: bad('wrong_dtype'),
    words: /main_video: got float32 \(64, 64, 3\), expected uint8/,
  },
  'a wrong shape': {
    model: bad('wrong_shape'),
    words: /main_video: got uint8 \(3, 64, 64\), expected .*\(H, W, 3\)/,
  },
  'sound that is not a number': { model: bad('nan_audio'), words: /main_audio.*(nan|finite)/i },
  'a track set to None': { model: bad('none_track'), words: /main_video: got None/ },
  'a track that was not declared': {
    model: bad('unknown_track'),
    words: /Frame has no track 'depth_video'/,
    raisedBy: 'depth_video=picture',
  },
  'a misspelt flag': { args: ['--prot', '1234'], words: /--prot.*--port/s },
  'a value out of range': { args: ['--port', '70000'], words: /port.*65535/is },
  'a wrong engine': { args: ['--engine', 'firefox'], words: /engine.*electron.*firefox/is },
  'listening everywhere without a token': { args: ['--host', '0.0.0.0'], words: /token/ },
  'a Python without the packages': { emptyPython: true, words: /lacks reactor_host/ },
  'a Python that is not there': { args: ['--python', '/nowhere/python3'], words: /\/nowhere\/python3/ },
};

for (const [name, { words, raisedBy, emptyPython, ...options }] of Object.entries(ends)) {
  test(`${name} ends the host with one clear message`, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'reactor-host-test-bad-'));
    try {
      const env: Record<string, string> = { ...unwatched, ...options.env };
      if (emptyPython) {
        spawnSync('python3', ['-m', 'venv', '--without-pip', folder]);
        env.REACTOR_HOST_PYTHON = path.join(folder, 'bin/python');
      }
      const host = Host.launch({ engine: 'chromium', model: bad('wrong_dtype'), ...options, env });
      expectOneError(host, words, await host.exited, raisedBy);
      await host.nothingLeft();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Everything that is an error in its log, which is JSON throughout. */
function errorsOf(host: Host): LogLine[] {
  expect(
    host.lines.filter((line) => line.notJson),
    `every line is JSON:\n${host.output}`,
  ).toEqual([]);
  return host.lines.filter(({ level }) => Number(level) >= 50);
}

function expectOneError(
  host: Host,
  words: RegExp,
  status: number | NodeJS.Signals | undefined,
  raisedBy?: string,
): void {
  expect(status, host.output).not.toBe(0);
  const errors = errorsOf(host);
  expect(errors, host.output).toHaveLength(1);
  expect(errors[0]).toEqual(
    expect.objectContaining({
      code: expect.stringMatching(/^[a-z]+(-[a-z]+)+$/),
      hint: expect.stringMatching(/./),
    }),
  );
  expect(`${errors[0]?.msg}\n${errors[0]?.hint}`).toMatch(words);
  if (raisedBy === undefined) {
    expect(host.output).not.toContain('Traceback');
  } else {
    expect(errors[0]?.traceback).toMatch(/^Traceback \(most recent call last\):\n/);
    expect(errors[0]?.traceback).toContain(raisedBy);
  }
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
    expectOneError(host, new RegExp(`port ${port} .*--port`, 's'), await host.exited);
    await host.nothingLeft();
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
    expectOneError(host, /maxBitrateBsp in .*host\.yml.*maxBitrateBps/, await host.exited);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The author's code is wrong while it runs: the message reaches the terminal, and the host goes on to try again. */
const goesOn: [string, RegExp, string][] = [
  [
    'load_raises',
    /FileNotFoundError: weights\.safetensors/,
    'raise FileNotFoundError("weights.safetensors")',
  ],
  ['generate_raises', /RuntimeError: CUDA out of memory/, 'raise RuntimeError("CUDA out of memory")'],
];

for (const [name, words, raisedBy] of goesOn) {
  test(`${name}: one clear message reaches the terminal and the model is started again`, async () => {
    const host = Host.launch({ engine: 'chromium', model: bad(name), env: unwatched });
    try {
      await host.waitForLog('the restart', (line) => /starting it again/.test(line.msg ?? ''));
      expectOneError(host, words, undefined, raisedBy);
    } finally {
      await host.stop();
    }
  });
}

test('a model that crashes in a row is started again after a longer time each', async () => {
  const host = Host.launch({
    engine: 'chromium',
    model: 'test/models/crash_after.py',
    env: { ...unwatched, REACTOR_TEST_CRASH_AFTER_FRAMES: '1' },
  });
  try {
    for (const delay of ['0.5 s', '1 s', '2 s']) {
      await host.waitForLog(`a start after ${delay}`, (line) =>
        Boolean(line.msg?.endsWith(`starting it again in ${delay}`)),
      );
    }
  } finally {
    await host.stop();
  }
});

/** A folder like the one that ELECTRON_OVERRIDE_DIST_PATH names, with a program that cannot run on this machine. */
async function withBrokenElectron(use: (env: Record<string, string>) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'reactor-host-test-electron-'));
  const words =
    'electron: error while loading shared libraries: libgtk-3.so.0: cannot open shared object file';
  writeFileSync(path.join(folder, 'electron'), `#!/bin/sh\necho "${words}" >&2\nexit 127\n`, { mode: 0o755 });
  try {
    // With a display no Xvfb is looked for.
    await use({ ELECTRON_OVERRIDE_DIST_PATH: folder, DISPLAY: ':99' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.describe('an Electron that lacks a library', () => {
  test.skip(process.platform !== 'linux', 'is a shell script here');

  test('ends the host with one clear message where it was asked for', async () => {
    await withBrokenElectron(async (env) => {
      const host = Host.launch({ engine: 'electron', model: 'test/models/pattern.py', env });
      expectOneError(host, /Electron did not start: exit code 127: .*libgtk-3\.so\.0/, await host.exited);
      await host.nothingLeft();
    });
  });

  test('is told in one line, and the host goes on with Chromium', async () => {
    await withBrokenElectron(async (env) => {
      const host = Host.launch({ model: 'test/models/pattern.py', env });
      try {
        await host.ready();
        const warnings = host.lines.filter(({ code }) => code === 'engine-failed');
        expect(warnings.map(({ msg }) => msg)).toEqual([
          expect.stringMatching(/did not start: .*libgtk-3\.so\.0.*; going on with Chromium$/),
        ]);
        expect(errorsOf(host)).toEqual([]);
        expect(host.lines.find(({ msg }) => msg === 'ready')?.engine).toBe('chromium');
      } finally {
        await host.stop();
      }
    });
  });
});
