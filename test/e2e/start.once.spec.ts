import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../fixtures/engines.ts';
import { processesMarked, waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

test.skip(process.platform !== 'linux', 'looks at /proc');

test('a second npm start, from a folder below, has nothing to set up and every line is JSON', async () => {
  spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: projectRoot });
  await withNpmStart((npm, messages, lines) => {
    expect(messages.filter(({ name }) => name === 'setup')).toEqual([]);
    expect(messages.find(({ msg }) => msg === 'ready')?.model, lines.join('\n')).toBe('Pattern');
    // As a terminal does: to all of the group.
    process.kill(-Number(npm.pid), 'SIGINT');
  });
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  test(`${signal} to npm alone ends the host too`, () =>
    withNpmStart((npm) => process.kill(Number(npm.pid), signal)));

interface Message {
  name?: string;
  msg?: string;
  model?: string;
}

/** `npm start` until it is ready, then `use`, which ends it: nothing of it may be left. */
async function withNpmStart(
  use: (npm: ChildProcess, messages: Message[], lines: string[]) => void,
): Promise<void> {
  const runId = randomUUID();
  const args = ['pattern.py', '--engine', 'chromium', '--port', '0', '--log-format', 'json'];
  const npm = spawn('npm', ['start', '--silent', '--', ...args], {
    cwd: path.join(projectRoot, 'test/models'),
    env: { ...process.env, REACTOR_TEST_RUN: runId },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own.
    detached: true,
  });
  const lines: string[] = [];
  for (const stream of [npm.stdout, npm.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const exited = new Promise((resolve) => npm.once('exit', resolve));
  const left = () => processesMarked('REACTOR_TEST_RUN', runId);
  try {
    const messages = await waitUntil(
      'ready',
      () => lines.map((line): Message => JSON.parse(line)),
      (all) => npm.exitCode !== null || all.some(({ msg }) => msg === 'ready'),
      60_000,
    );
    use(npm, messages, lines);
    await exited;
    await waitUntil('nothing is left', left, (all) => all.length === 0);
  } finally {
    for (const { pid } of left()) process.kill(pid, 'SIGKILL');
  }
}
