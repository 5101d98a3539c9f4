import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 500;

/**
 * Ends this process as SIGTERM does when the npm that runs it is gone. npm starts a shell that starts the script: a signal to npm ends both of
 * them (`docker stop`, a service manager, `kill`), and SIGKILL npm alone, without the script hearing of it.
 *
 * On Windows nothing tells that a parent has ended.
 */
export function endWithNpm() {
  const parent = process.ppid;
  const npm = isShell(parent) ? parentOf(parent) : undefined;
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || parentOf(parent) === npm)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS);
  timer.unref();
}

/** Of another process, by proc_pid_stat(5): the second field, in parentheses, may hold any characters. Linux only. */
function parentOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function isShell(pid) {
  return /^(sh|dash|bash)$/.test(read(`/proc/${pid}/comm`)?.trim() ?? '');
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
