import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../fixtures/engines.ts';
import { processesMarked, waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

test.skip(process.platform !== 'linux', 'looks at /proc');

test('a second npm start, from a folder below, has nothing to set up and every line is JSON', async () => {
  spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: projectRoot });
  const runId = randomUUID();
  const args = ['pattern.py', '--engine', 'chromium', '--port', '0', '--log-format', 'json'];
  const npm = spawn('npm', ['start', '--silent', '--', ...args], {
    cwd: path.join(projectRoot, 'test/models'),
    env: { ...process.env, REACTOR_TEST_RUN: runId },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, which gets the signal as a terminal's does.
    detached: true,
  });
  const lines: string[] = [];
  for (const stream of [npm.stdout, npm.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const exited = new Promise((resolve) => npm.once('close', resolve));
  try {
    const messages = await waitUntil(
      'ready',
      () => lines.map((line): { name?: string; msg?: string; model?: string } => JSON.parse(line)),
      (all) => npm.exitCode !== null || all.some(({ msg }) => msg === 'ready'),
      60_000,
    );
    expect(messages.filter(({ name }) => name === 'setup')).toEqual([]);
    expect(messages.find(({ msg }) => msg === 'ready')?.model, lines.join('\n')).toBe('Pattern');
  } finally {
    if (npm.exitCode === null && npm.pid !== undefined) process.kill(-npm.pid, 'SIGINT');
    await exited;
    await waitUntil(
      'nothing is left',
      () => processesMarked('REACTOR_TEST_RUN', runId),
      (all) => all.length === 0,
    );
  }
});
