import { expect, test } from 'vitest';
import { distFolder, isPackaged, ownEnvironmentFolder, pythonHostFolder } from './paths.ts';

test('a checkout has all in one folder', () => {
  const bundles = '/src/reactor-host/dist/main';
  expect(isPackaged(bundles)).toBe(false);
  expect(distFolder(bundles)).toBe('/src/reactor-host/dist');
  expect(pythonHostFolder(bundles)).toBe('/src/reactor-host/python-host');
  expect(ownEnvironmentFolder(bundles)).toBe('/src/reactor-host/.venv');
});

test.each([
  ['linux' as const, { XDG_DATA_HOME: '/var/lib' }, '/var/lib/reactor-host/python'],
  ['linux' as const, { XDG_DATA_HOME: '' }, /^\/.+\/\.local\/share\/reactor-host\/python$/],
  ['darwin' as const, {}, /\/Library\/Application Support\/reactor-host\/python$/],
  ['win32' as const, { LOCALAPPDATA: '/local' }, '/local/reactor-host/python'],
])('a package on %s with %j keeps its Python environment in the data folder', (platform, env, expected) => {
  const bundles = '/opt/reactor-host/resources/app.asar/dist/main';
  expect(isPackaged(bundles)).toBe(true);
  expect(pythonHostFolder(bundles)).toBe('/opt/reactor-host/resources/python-host');
  expect(ownEnvironmentFolder(bundles, env, platform)).toEqual(
    expected instanceof RegExp ? expect.stringMatching(expected) : expected,
  );
});
