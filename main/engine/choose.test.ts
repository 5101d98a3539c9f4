import { expect, test } from 'vitest';
import { chooseEngine, type EngineProbes } from './choose.ts';

function machine(has: {
  platform?: NodeJS.Platform;
  electron?: boolean;
  display?: boolean;
  xvfb?: boolean;
  chromium?: boolean;
  bundled?: boolean;
}): EngineProbes {
  return {
    platform: has.platform ?? 'linux',
    electron: () => (has.electron ? '/electron' : undefined),
    hasDisplay: has.display ?? false,
    xvfb: () => (has.xvfb ? '/xvfb' : undefined),
    systemChromium: () => (has.chromium ? '/chromium' : undefined),
    bundledChromium: () =>
      has.bundled ? Promise.resolve('/bundled') : Promise.reject(new Error('not installed')),
  };
}

test.each([
  ['auto', { electron: true, display: true, chromium: true }, { name: 'electron', executable: '/electron' }],
  ['auto', { electron: true, platform: 'darwin' }, { name: 'electron' }],
  ['auto', { electron: true, xvfb: true, chromium: true }, { name: 'electron', xvfb: '/xvfb' }],
  [
    'auto',
    { electron: true, chromium: true },
    { name: 'chromium', executable: '/chromium', headless: 'new' },
  ],
  ['auto', { chromium: true, bundled: true }, { name: 'chromium', executable: '/chromium' }],
  ['auto', { bundled: true }, { name: 'chromium', executable: '/bundled', headless: 'shell' }],
  [
    'chromium',
    { electron: true, display: true, chromium: true },
    { name: 'chromium', executable: '/chromium' },
  ],
  ['chromium', { bundled: true }, { name: 'chromium', executable: '/bundled' }],
  ['electron', { electron: true, xvfb: true }, { name: 'electron', xvfb: '/xvfb' }],
] as const)('--engine %s with %j is %j', async (wanted, has, expected) => {
  expect(await chooseEngine(wanted, machine(has))).toMatchObject(expected);
});

test.each([
  ['electron', { chromium: true }, 'engine-missing'],
  ['electron', { electron: true, chromium: true }, 'no-display'],
  ['chromium', { electron: true, display: true }, 'engine-missing'],
  ['auto', {}, 'no-engine'],
] as const)('--engine %s with %j fails with %s', async (wanted, has, code) => {
  await expect(chooseEngine(wanted, machine(has))).rejects.toMatchObject({ code });
});

test('auto with nothing lists all that was tried and why', async () => {
  const error = await chooseEngine('auto', machine({ electron: true })).catch((thrown) => thrown);
  expect(error.message).toContain('Electron (no display and no Xvfb)');
  expect(error.message).toContain('Chrome or Chromium of this machine (not found)');
  expect(error.message).toContain('@sparticuz/chromium (not installed)');
  expect(error.hint).toContain('--chromium');
});

test('an Electron that turned out not to work is not chosen again', async () => {
  const has = machine({ electron: true, display: true, chromium: true });
  expect(await chooseEngine('auto', has, 'it did not start: no libgtk')).toMatchObject({
    name: 'chromium',
    reason: 'not Electron (it did not start: no libgtk)',
  });
  await expect(
    chooseEngine('auto', machine({ electron: true, display: true }), 'it did not start'),
  ).rejects.toMatchObject({
    code: 'no-engine',
    message: expect.stringContaining('Electron (it did not start)'),
  });
});
