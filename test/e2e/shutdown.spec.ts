import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

// "Nothing left" looks at every process that inherited this run's mark in its environment, and at their descendants.
test.skip(process.platform !== 'linux', 'looks at /proc');

const roles: Record<string, (command: string) => boolean> = {
  python: (command) => command.includes('-m reactor_host'),
  engine: (command) => /chrom|electron/i.test(command) && command.includes('--type=renderer'),
};

test('Ctrl-C ends everything in order, with status 0', async ({ startHost }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  for (const [role, is] of Object.entries(roles)) {
    expect(host.processes().filter(({ command }) => is(command)).length, role).toBeGreaterThan(0);
  }
  expect(await host.stop()).toBe(0);
});

test('SIGTERM does the same', async ({ startHost }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  host.child.kill('SIGTERM');
  expect(await host.exited).toBe(0);
  await host.nothingLeft();
});

test('kill -9 of the host leaves no Python, browser or Xvfb behind', async ({ startHost }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  host.child.kill('SIGKILL');
  await host.exited;
  await host.nothingLeft();
});

test('kill -9 of any one process never leaves the others without a host', async ({ startHost, engine }) => {
  test.skip(engine !== 'electron', 'on Chromium the host is the process that the test above kills');
  const host = await startHost({ model: 'test/models/pattern.py' });
  // The program itself, not the launcher that has the word in its arguments, nor a helper process.
  const main = host
    .processes()
    .find(({ command }) => /^\S*electron /.test(command) && !command.includes('--type='));
  expect(main, 'the Electron main process').toBeDefined();
  process.kill(main?.pid ?? 0, 'SIGKILL');
  await waitUntil(
    'the launcher ends too',
    () => host.child.exitCode,
    (status) => status !== null,
  );
  expect(await host.exited).not.toBe(0);
  await host.nothingLeft();
});
