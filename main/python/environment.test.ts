import path from 'node:path';
import { expect, test } from 'vitest';
import { choosePython, type PythonSurroundings } from './environment.ts';
import type { PythonProbe } from './interpreter.ts';

const GOOD: PythonProbe = { version: [3, 11, 7], missing: [] };
const OLD: PythonProbe = { version: [3, 9, 1], missing: [] };
const EMPTY: PythonProbe = { version: [3, 12, 0], missing: ['reactor_host', 'cv2'] };
const ACTIVE = path.join('/venv', 'bin', 'python');
const OWN = path.join('/project', '.venv', 'bin', 'python');

function around(
  pythons: Record<string, PythonProbe>,
  more: { wanted?: string; active?: boolean } = {},
): PythonSurroundings {
  return {
    wanted: more.wanted,
    env: more.active ? { VIRTUAL_ENV: '/venv' } : {},
    ownFolder: '/project/.venv',
    packageSource: '/project/python-host',
    platform: 'linux',
    exists: (file) => file in pythons,
    probe: (command) =>
      pythons[command]
        ? Promise.resolve(pythons[command])
        : Promise.reject(new Error(`spawn ${command} ENOENT`)),
  };
}

test.each([
  ['--python', around({ '/my/python': GOOD, [OWN]: GOOD }, { wanted: '/my/python' }), '/my/python'],
  [
    'an active environment that has the package',
    around({ [ACTIVE]: GOOD, [OWN]: GOOD }, { active: true }),
    ACTIVE,
  ],
  [
    "the project's own where the active one lacks it",
    around({ [ACTIVE]: EMPTY, [OWN]: GOOD }, { active: true }),
    OWN,
  ],
  ["the project's own", around({ [OWN]: GOOD }), OWN],
])('%s is chosen', async (_, surroundings, command) => {
  expect(await choosePython(surroundings)).toMatchObject({ command });
});

test.each([
  [
    '--python that does not run',
    around({ [OWN]: GOOD }, { wanted: '/no' }),
    'no-python',
    '/no does not run as Python',
  ],
  [
    '--python that is too old',
    around({ '/old': OLD }, { wanted: '/old' }),
    'python-too-old',
    'Python 3.9.1, 3.10 or newer',
  ],
  [
    '--python without the packages',
    around({ '/empty': EMPTY }, { wanted: '/empty' }),
    'python-without-packages',
    '/empty lacks reactor_host, opencv-python-headless',
  ],
  ['nothing at all', around({}), 'no-python', 'no Python environment'],
  [
    'an active environment without the packages, and no other',
    around({ [ACTIVE]: EMPTY }, { active: true }),
    'python-without-packages',
    ACTIVE,
  ],
])('%s is refused', async (_, surroundings, code, message) => {
  await expect(choosePython(surroundings)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

test('the hint is the line that installs what is missing', async () => {
  await expect(choosePython(around({ '/empty': EMPTY }, { wanted: '/empty' }))).rejects.toMatchObject({
    hint: `install with: /empty -m pip install ${'/project/python-host'}`,
  });
});
