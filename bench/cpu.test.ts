import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { busyTicks, CpuMeter, roleOf, ticksOf } from './cpu.ts';

describe('roleOf', () => {
  it.each([
    ['/x/.venv/bin/python -m reactor_host model.py', 'python'],
    ['/usr/bin/python3.11 bench/peers/aiortc_server.py', 'python'],
    ['/usr/bin/node bin/reactor-host.mjs', 'main'],
    ['/usr/bin/node dist/main/guardian.cjs', 'guardian'],
    ['/x/dist/electron --no-sandbox .', 'main'],
    ['/x/dist/electron --type=renderer --x', 'encoder page'],
    ['/usr/lib/chromium/chromium --type=gpu-process', 'gpu'],
    ['/usr/lib/chromium/chromium --type=utility --utility-sub-type=network.mojom.NetworkService', 'network'],
    ['/usr/lib/chromium/chromium --type=utility --utility-sub-type=audio.mojom.AudioService', 'utility'],
    ['/usr/lib/chromium/chromium --type=zygote', 'browser'],
    ['/usr/lib/chromium/chromium --headless', 'browser'],
    ['/usr/bin/Xvfb :99', 'xvfb'],
    ['/bin/sh -c true', 'other'],
  ])('%s is %s', (command, role) => {
    expect(roleOf(command)).toBe(role);
  });
});

describe('ticksOf', () => {
  it('finds utime and stime behind a command with spaces and parentheses', () => {
    expect(ticksOf('12 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 31 0 0 20')).toBe(281);
  });
});

describe('busyTicks', () => {
  it('leaves out idle, waiting for input and output, and what a hypervisor took', () => {
    expect(busyTicks('cpu  100 20 3 9000 500 4 1 700 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0')).toBe(128);
  });
});

describe.runIf(process.platform === 'linux')('CpuMeter', () => {
  it('counts what a busy process used, also one that began after the first sample', async () => {
    const processes: { pid: number; parentPid: number; command: string }[] = [];
    const meter = new CpuMeter(() => processes);
    meter.sample();
    // It ends by itself when it is told to, after it has used some ticks.
    const busy = spawn(process.execPath, [
      '-e',
      `while (process.cpuUsage().user < 100_000); console.log('used'); process.stdin.resume()`,
    ]);
    await once(busy.stdout, 'data');
    processes.push({ pid: busy.pid ?? 0, parentPid: 0, command: '/usr/bin/node busy' });
    meter.sample();
    busy.stdin.end();
    await once(busy, 'close');
    expect(meter.byRoleMs.get('main')).toBeGreaterThanOrEqual(90);
  });
});
