import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let bundle: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'guardian-'));
  bundle = path.join(folder, 'guardian.cjs');
  await build({
    entryPoints: [path.join(__dirname, 'guardian.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(process.platform === 'win32')(
  'when its input ends it ends groups with all in them, and removes paths',
  async () => {
    // A child with a child of its own in the same group, neither of which reads a polite signal.
    const script = `trap '' TERM INT; sleep 300 & echo $!; wait`;
    const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const spared = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    const grandchild = await new Promise<number>((resolve) =>
      child.stdout.once('data', (text) => resolve(Number(text))),
    );
    const file = path.join(folder, 'ring');
    writeFileSync(file, '');
    const guardian = spawn(process.execPath, [bundle], { stdio: ['pipe', 'ignore', 'inherit'] });
    const childEnded = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    for (const order of [
      { add: child.pid },
      { add: spared.pid },
      { remove: spared.pid },
      { addPath: file },
      { add: 0 },
    ]) {
      guardian.stdin.write(`${JSON.stringify(order)}\n`);
    }
    guardian.stdin.end();
    expect(await new Promise((resolve) => guardian.once('exit', resolve))).toBe(0);
    expect(await childEnded).toBe('SIGKILL');
    expect(isAlive(grandchild)).toBe(false);
    expect(existsSync(file)).toBe(false);
    expect(spared.exitCode).toBeNull();
    spared.kill();
  },
);

/** A zombie that its new parent has not looked at yet is dead too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 && !String(stdout).trim().startsWith('Z');
}
