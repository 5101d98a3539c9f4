import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Signal } from '../signal.ts';
import { Supervisor } from './supervisor.ts';

/** A shell script in the place of Python: each run does the next of `runs`. */
let folder: string;
let lines: Record<string, unknown>[];
let supervisor: Supervisor;
let stops: Supervisor[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reactor-host-supervisor-'));
  lines = [];
});
afterEach(async () => {
  for (const each of stops) await each.stop();
  stops = [];
  rmSync(folder, { recursive: true });
});

function start(...runs: string[]): void {
  const script = path.join(folder, 'python');
  const cases = runs.map((run, index) => `${index}) ${run} ;;`).join('\n');
  writeFileSync(
    script,
    `#!/bin/sh\ncd "${folder}"\nrun=$(cat count 2>/dev/null || echo 0)\necho $((run + 1)) > count\ncase $run in\n${cases}\nesac\n`,
    { mode: 0o755 },
  );
  supervisor = new Supervisor({
    command: script,
    model: 'model.py',
    modelConfig: undefined,
    url: 'ws://127.0.0.1:9/host',
    secret: 'secret',
    compat: false,
    generate: 'always',
    logLevel: 'info',
    guardian: { watch: () => {} },
    log: pino({ level: 'debug', base: null }, { write: (line: string) => lines.push(JSON.parse(line)) }),
    nowMs: () => performance.now(),
  });
  stops.push(supervisor);
  supervisor.start();
}

const next = <Args extends unknown[]>(signal: Signal<Args>) =>
  new Promise<Args[0]>((resolve) => {
    const off = signal.on((...args) => {
      off();
      resolve(args[0]);
    });
  });
const errors = () => lines.filter(({ level }) => level === pino.levels.values.error);

const REPORT = { level: 'error', name: 'reactor_host', code: 'load-raised', msg: 'it raised', hint: 'look' };
const print = (report: object) => `echo '${JSON.stringify(report)}' >&2`;

test.skipIf(process.platform === 'win32')(
  'what the model says about its end is logged once and told; a later run that says nothing does not repeat it',
  async () => {
    start(`${print({ ...REPORT, traceback: 'Traceback\\n  1 / 0\\n' })}; exit 1`, 'kill -9 $$');
    const report = { code: 'load-raised', message: 'it raised', hint: 'look' };
    expect(await next(supervisor.crashed)).toEqual({
      what: 'exit code 1',
      restarts: 1,
      delayMs: 500,
      report,
    });
    expect(errors()).toMatchObject([
      {
        code: 'load-raised',
        hint: 'look',
        msg: 'it raised',
        from: 'model',
        traceback: 'Traceback\n  1 / 0\n',
      },
    ]);
    expect(await next(supervisor.crashed)).toEqual({
      what: 'signal SIGKILL',
      restarts: 2,
      delayMs: 1000,
      report: undefined,
    });
    expect(errors()).toHaveLength(1);
  },
);

test.skipIf(process.platform === 'win32')('a model that cannot run tells it itself', async () => {
  start(`${print({ ...REPORT, code: 'model-import' })}; exit 64`);
  expect(await next(supervisor.fatal)).toEqual({
    isTold: true,
    error: { code: 'model-import', message: 'it raised', hint: 'look' },
  });
});

test.skipIf(process.platform === 'win32')('or its last line that looks like an error does', async () => {
  start('echo "ImportError: libGL.so.1" >&2; echo bye; exit 64');
  expect(await next(supervisor.fatal)).toMatchObject({
    isTold: false,
    error: { code: 'model-fatal', message: 'the model cannot run: ImportError: libGL.so.1' },
  });
});

test('a Python that does not start is fatal', async () => {
  stops = [];
  supervisor = new Supervisor({
    command: path.join(folder, 'nothing'),
    model: 'model.py',
    modelConfig: undefined,
    url: 'ws://127.0.0.1:9/host',
    secret: 'secret',
    compat: false,
    generate: 'always',
    logLevel: 'info',
    guardian: { watch: () => {} },
    log: pino({ level: 'silent' }),
    nowMs: () => 0,
  });
  supervisor.start();
  expect(await next(supervisor.fatal)).toMatchObject({ isTold: false, error: { code: 'model-fatal' } });
});

test.skipIf(process.platform === 'win32')(
  'the format of the log that the user set is not handed on',
  async () => {
    process.env.REACTOR_HOST_LOG_FORMAT = 'pretty';
    try {
      start('echo "format $REACTOR_HOST_LOG_FORMAT"');
      await next(supervisor.finished);
      expect(lines).toMatchObject([{ msg: 'format json', from: 'model' }]);
    } finally {
      delete process.env.REACTOR_HOST_LOG_FORMAT;
    }
  },
);

test.skipIf(process.platform === 'win32')('the model is told when to generate', async () => {
  start('echo "generate $REACTOR_HOST_GENERATE"');
  await next(supervisor.finished);
  expect(lines).toMatchObject([{ msg: 'generate always', from: 'model' }]);
});

test.skipIf(process.platform === 'win32')(
  'a restart that is asked for is no crash, and comes at once: of a model that runs, of one that has ended, of one that waits',
  async () => {
    start('echo first; exec sleep 60', 'exit 0', 'exit 1', 'echo last; exec sleep 60');
    const crashes: unknown[] = [];
    supervisor.crashed.on((crash) => crashes.push(crash));
    await vi.waitUntil(() => lines.some(({ msg }) => msg === 'first'));
    const finished = next(supervisor.finished);
    supervisor.restart();
    await next(supervisor.restarted);
    await finished;
    expect(crashes).toEqual([]);
    const crashed = next(supervisor.crashed);
    supervisor.restart();
    expect(await crashed).toMatchObject({ restarts: 1 });
    supervisor.restart();
    await vi.waitUntil(() => lines.some(({ msg }) => msg === 'last'));
    expect(crashes).toHaveLength(1);
  },
);
