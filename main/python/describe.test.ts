import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeModel } from './describe.ts';

/** A shell script in the place of Python. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reactor-host-describe-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function describe(script: string, compat = false) {
  const command = path.join(folder, 'python');
  writeFileSync(command, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return describeModel({ command, model: 'model.py', compat });
}

const DESCRIPTION = {
  model: 'Paint',
  tracks: [{ kind: 'video', name: 'main_video', fps: 30, content: 'motion', weight: 1 }],
  interface: { type: 'interface', description: 'It paints.', commands: [], messages: [], state: {} },
};
const print = (value: object) => `echo '${JSON.stringify(value)}'`;

test.skipIf(process.platform === 'win32')(
  'the last line counts, whatever the file of the model prints',
  async () => {
    expect(await describe(`echo hello\n${print(DESCRIPTION)}`)).toEqual(DESCRIPTION);
  },
);

test.skipIf(process.platform === 'win32')('Python is asked for this model', async () => {
  const args = print({ ...DESCRIPTION, model: 'ARGS' }).replace('ARGS', '\'"$*"\'');
  expect((await describe(args, true)).model).toBe('-m reactor_host model.py --describe --compat');
});

test.skipIf(process.platform === 'win32').each([
  [
    `${print({ level: 'error', name: 'reactor_host', code: 'bad-track', msg: 'no tracks', hint: 'add one' })} >&2; exit 64`,
    'no tracks (bad-track)',
  ],
  ['echo "ImportError: no torch" >&2; exit 1', 'cannot be described: ImportError: no torch'],
  ['echo bye', 'was not understood: bye is not JSON'],
  [print({ ...DESCRIPTION, tracks: [] }), 'was not understood: tracks'],
])('%s is told', async (script, words) => {
  await expect(describe(script)).rejects.toMatchObject({
    code: 'model-fatal',
    message: expect.stringContaining(words),
    hint: expect.stringMatching(/./),
  });
});
