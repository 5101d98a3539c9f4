import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkNetwork, checkPorts, findGpus } from './machine.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'reactor-host-test-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('graphics cards are those with a render node, and whether this user may open it', () => {
  const [sys, dev] = [path.join(folder, 'drm'), path.join(folder, 'dev')];
  for (const [name, vendor] of Object.entries({
    renderD128: '0x8086\n',
    renderD129: '0x1af4\n',
    card0: '',
  })) {
    mkdirSync(path.join(sys, name, 'device'), { recursive: true });
    writeFileSync(path.join(sys, name, 'device/vendor'), vendor);
  }
  mkdirSync(path.join(dev, 'dri'), { recursive: true });
  writeFileSync(path.join(dev, 'dri/renderD128'), '');
  expect(findGpus(sys, dev)).toEqual([
    { vendor: 'Intel', renderNode: path.join(dev, 'dri/renderD128'), isUsable: true },
    { vendor: 'other', renderNode: path.join(dev, 'dri/renderD129'), isUsable: false },
  ]);
  writeFileSync(path.join(dev, 'nvidiactl'), '');
  expect(findGpus(sys, dev).at(-1)).toEqual({ vendor: 'NVIDIA', renderNode: undefined, isUsable: true });
  expect(findGpus(path.join(folder, 'nowhere'), path.join(folder, 'nowhere'))).toEqual([]);
});

test('a port in use keeps the host from running, a free one does not', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  expect(await checkPorts({ host: '127.0.0.1', port })).toMatchObject({
    status: 'fail',
    message: `TCP 127.0.0.1:${port} is in use`,
  });
  await new Promise((resolve) => server.close(resolve));
  expect(await checkPorts({ host: '127.0.0.1', port })).toMatchObject({ status: 'ok' });
});

test('a host for this machine alone needs no network', () => {
  expect(checkNetwork({ host: '127.0.0.1', iceServers: [] })).toMatchObject({ status: 'ok' });
});
