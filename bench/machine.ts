import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { electronBinary } from './engines.ts';

/** What the figures depend on, a line each: printed above them. */
export function describeMachine(viewerVersion: string): string[] {
  const cpus = os.cpus();
  const memoryGib = Math.round(os.totalmem() / 2 ** 30);
  return [
    `machine   ${cpus.length} x ${cpus[0]?.model.trim() || os.arch()}, ${memoryGib} GiB`,
    // Figures taken while others use the machine are not comparable: this shows it.
    `load      ${os.loadavg()[0]?.toFixed(2)} in the last minute`,
    `system    ${distribution()}, ${os.type()} ${os.release()}`,
    `node      ${process.version}`,
    `electron  ${electronVersion()}`,
    `viewer    ${viewerVersion}, headless, on the same machine`,
    `date      ${new Date().toISOString()}`,
  ];
}

/** `--version` of a browser. */
export function browserVersion(executable: string): string {
  const asked = spawnSync(executable, ['--version'], { encoding: 'utf8' });
  return asked.stdout?.trim() || path.basename(executable);
}

function electronVersion(): string {
  const binary = electronBinary();
  if (!binary) return 'none';
  // `electron --version` wants a display and, as root, more flags; as Node it just runs.
  const asked = spawnSync(binary, ['-p', 'process.versions.electron'], {
    encoding: 'utf8',
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  return asked.stdout?.trim() || 'of unknown version';
}

function distribution(): string {
  const file = '/etc/os-release';
  const name = existsSync(file) && /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync(file, 'utf8'))?.[1];
  return name || os.version();
}
