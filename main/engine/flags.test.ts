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
  expect(commonFlags({ host, hasNetwork, isRoot: false }).includes(LOOPBACK)).toBe(expected);
});

test('only root goes without the sandbox', () => {
  const flags = (isRoot: boolean) => commonFlags({ host: '127.0.0.1', hasNetwork: true, isRoot });
  expect(flags(false)).not.toContain('--no-sandbox');
  expect(flags(true)).toContain('--no-sandbox');
});

test('no switch is given twice, the last would win silently', () => {
  const names = commonFlags({ host: '127.0.0.1', hasNetwork: true, isRoot: true }).map(
    (flag) => flag.split('=')[0],
  );
  expect(new Set(names).size).toBe(names.length);
});
