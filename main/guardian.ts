import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * A process of its own that outlives the host by a moment. Its standard input is a pipe from the host; when the host is
 * gone, however it ended (`kill -9` too), the pipe ends, and what the host had started is ended and removed.
 *
 * Lines: `{"add": pid}`, `{"remove": pid}` for process groups, `{"addPath": path}`, `{"removePath": path}` for files and folders.
 */
const groups = new Set<number>();
const paths = new Set<string>();

// Ctrl-C, a closed terminal and a polite kill are the host's business: the guardian goes when the host is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const order = JSON.parse(line) as Record<string, unknown>;
  const { add, remove, addPath, removePath } = order;
  if (isPid(add)) groups.add(add);
  if (isPid(remove)) groups.delete(remove);
  if (typeof addPath === 'string' && addPath !== '') paths.add(addPath);
  if (typeof removePath === 'string') paths.delete(removePath);
});
lines.on('close', () => {
  for (const pid of groups) killGroup(pid);
  removePaths(10);
});

function isPid(value: unknown): value is number {
  // 0 and 1 mean "my group" and "everything" to kill(2) once negated.
  return Number.isSafeInteger(value) && (value as number) > 1;
}

function killGroup(pid: number): void {
  try {
    if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(pid), '/T', '/F']);
    else process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** A browser that is just dying may still write into its profile: try again until the folder stays away. */
function removePaths(tries: number): void {
  for (const each of paths) {
    try {
      rmSync(each, { recursive: true, force: true });
      paths.delete(each);
    } catch {
      // Tried again below.
    }
  }
  if (paths.size > 0 && tries > 1) setTimeout(() => removePaths(tries - 1), 200);
}
