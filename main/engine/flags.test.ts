import { expect, test } from 'vitest';
import { commonFlags } from './flags.ts';

const LOOPBACK = '--allow-loopback-in-peer-connection';

test.each([
  ['127.0.0.1', true, true],
  ['localhost', true, true],
  ['0.0.0.0', true, false],
  ['0.0.0.0', false, true],
  ['192.168.1.5', true, false],
])('host %s, network %s: loopback candidates %s', (host, hasNetwork, expected) => {
  expect(commonFlags({ host, hasNetwork, isRoot: false, hardware: 'auto' }).includes(LOOPBACK)).toBe(
    expected,
  );
});

test('only root goes without the sandbox', () => {
  const flags = (isRoot: boolean) =>
    commonFlags({ host: '127.0.0.1', hasNetwork: true, isRoot, hardware: 'auto' });
  expect(flags(false)).not.toContain('--no-sandbox');
  expect(flags(true)).toContain('--no-sandbox');
});

test.each(['auto', 'off'] as const)(
  'hardware %s: no switch is given twice, the last would win silently',
  (hardware) => {
    const names = commonFlags({ host: '127.0.0.1', hasNetwork: true, isRoot: true, hardware }).map(
      (flag) => flag.split('=')[0],
    );
    expect(new Set(names).size).toBe(names.length);
  },
);

test.runIf(process.platform === 'linux')(
  'VA-API is asked for, and with --hardware off it is forbidden',
  () => {
    const flags = (hardware: 'auto' | 'off') =>
      commonFlags({ host: '127.0.0.1', hasNetwork: true, isRoot: false, hardware });
    expect(flags('auto')).toContain('--enable-features=AcceleratedVideoEncoder,VaapiVideoEncoder');
    expect(flags('auto')).not.toContain('--disable-accelerated-video-encode');
    expect(flags('off').join(' ')).not.toContain('--enable-features');
    expect(flags('off').find((flag) => flag.startsWith('--disable-features='))).toContain(
      ',AcceleratedVideoEncoder,VaapiVideoEncoder',
    );
    expect(flags('off')).toContain('--disable-accelerated-video-encode');
  },
);
