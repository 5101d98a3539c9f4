import { createSocket } from 'node:dgram';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, freemem, tmpdir } from 'node:os';
import path from 'node:path';
import type { Config } from '../config.ts';
import { hasNetwork, isLoopbackHost } from '../loopback.ts';
import { sharedMemoryFolder } from '../ring-file.ts';
import { VERSION } from '../version.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** A container's own is 64 MB; a 4K picture has 12.4 MB, of which some are on the way at once, and Electron wants some too. */
const SHARED_MEMORY_BYTES = 256 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

export function checkSystem(): Check {
  const { node, electron } = process.versions;
  const runtime = electron === undefined ? `Node ${node}` : `Electron ${electron}`;
  const memory = `${Math.round(freemem() / MEGABYTE)} MB of memory free`;
  return ok(
    'system',
    `reactor-host ${VERSION}, ${runtime}, ${process.platform} ${process.arch}, ${cpus().length} cores, ${memory}`,
  );
}

export function checkDisplay(hasDisplay: boolean, xvfb: string | undefined): Check {
  if (process.platform !== 'linux') return ok('display', `not needed on ${process.platform}`);
  if (hasDisplay) return ok('display', String(process.env.WAYLAND_DISPLAY ?? process.env.DISPLAY));
  if (xvfb !== undefined) return ok('display', `none; Electron runs inside ${xvfb}`);
  return warn(
    'display',
    'none, and no Xvfb: Electron cannot run, Chromium can',
    'install xvfb, or name one with --xvfb PATH',
  );
}

/** A graphics card of this machine, and whether this user may use it. */
export interface Gpu {
  vendor: 'Intel' | 'AMD' | 'NVIDIA' | 'other';
  /** `/dev/dri/renderD128`; undefined where the driver makes none. */
  renderNode: string | undefined;
  isUsable: boolean;
}

const VENDORS: Record<string, Gpu['vendor']> = { '0x8086': 'Intel', '0x1002': 'AMD', '0x10de': 'NVIDIA' };

/** Linux: by the kernel's list (Documentation/gpu/drm-uapi). Elsewhere the system's own encoders need no device file. */
export function findGpus(sys = '/sys/class/drm', dev = '/dev'): Gpu[] {
  const gpus: Gpu[] = [];
  for (const name of namesIn(sys).filter((each) => /^renderD\d+$/.test(each))) {
    const id = read(path.join(sys, name, 'device/vendor')).trim();
    const renderNode = path.join(dev, 'dri', name);
    gpus.push({ vendor: VENDORS[id] ?? 'other', renderNode, isUsable: isUsable(renderNode) });
  }
  // NVIDIA's own driver works without a render node, in containers above all.
  if (!gpus.some(({ vendor }) => vendor === 'NVIDIA') && existsSync(path.join(dev, 'nvidiactl'))) {
    gpus.push({ vendor: 'NVIDIA', renderNode: undefined, isUsable: isUsable(path.join(dev, 'nvidiactl')) });
  }
  return gpus;
}

export function checkGpu(gpus: readonly Gpu[]): Check {
  if (process.platform !== 'linux') return ok('gpu', `${process.platform} has encoders of its own`);
  if (gpus.length === 0) return ok('gpu', 'none: everything is encoded in software');
  const text = gpus
    .map(({ vendor, renderNode }) => `${vendor}${renderNode ? ` ${renderNode}` : ''}`)
    .join(', ');
  if (gpus.every((gpu) => gpu.isUsable)) return ok('gpu', text);
  return warn(
    'gpu',
    `${text}: not to be opened by this user`,
    'add the user to the group of that device (render or video), or give it to the container (--device /dev/dri)',
  );
}

export function checkSharedMemory(): Check {
  const name = 'shared memory';
  const folder = sharedMemoryFolder();
  if (folder === undefined) {
    if (process.platform === 'linux')
      return warn(name, `no /dev/shm: pictures go through ${tmpdir()}`, 'mount a tmpfs at /dev/shm');
    return ok(name, `pictures go through a file in ${tmpdir()}`);
  }
  if (!isUsable(folder))
    return fail(
      name,
      `${folder} cannot be written to`,
      'its mode is 1777 on every system: chmod 1777 /dev/shm',
    );
  const { bavail, bsize } = statfsSync(folder);
  const free = `${folder}, ${Math.round((bavail * bsize) / MEGABYTE)} MB free`;
  if (bavail * bsize >= SHARED_MEMORY_BYTES) return ok(name, free);
  return warn(
    name,
    `${free}: large pictures may not fit`,
    `${SHARED_MEMORY_BYTES / MEGABYTE} MB are enough; in a container: --shm-size=1g`,
  );
}

export async function checkPorts({ host, port }: Pick<Config, 'host' | 'port'>): Promise<Check> {
  const name = 'ports';
  const bare = host.replace(/^\[|\]$/g, '');
  const tcp = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, bare, () => server.close(() => resolve(undefined)));
  });
  const where = `TCP ${bare}:${port}`;
  if (tcp?.code === 'EADDRINUSE')
    return fail(name, `${where} is in use`, 'choose another with --port, or end what listens there');
  if (tcp) return fail(name, `${where}: ${tcp.message}`, 'choose another with --host and --port');
  const udp = await new Promise<Error | undefined>((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', resolve);
    socket.bind(0, () => socket.close(() => resolve(undefined)));
  });
  if (udp) return fail(name, `UDP: ${udp.message}`, 'WebRTC needs UDP: allow it to this user or container');
  return ok(name, `${where} is free; media goes over UDP, from any free port`);
}

export function checkNetwork({ host, iceServers }: Pick<Config, 'host' | 'iceServers'>): Check {
  const name = 'network';
  if (hasNetwork())
    return ok(
      name,
      `addresses for WebRTC; ${iceServers.length === 0 ? 'no' : iceServers.length} ICE servers`,
    );
  if (isLoopbackHost(host)) return ok(name, 'loopback only: viewers are on this machine');
  return warn(name, `only loopback is up, while --host is ${host}`, 'other machines cannot reach this one');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isUsable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
