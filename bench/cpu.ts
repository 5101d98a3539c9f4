import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ProcessInfo } from '../test/fixtures/processes.ts';

/** What a process does for the stream, told by its command line. */
export function roleOf(command: string): string {
  const type = /--type=([\w-]+)/.exec(command)?.[1];
  const subType = /--utility-sub-type=(\w+)/.exec(command)?.[1];
  if (type === 'utility') return subType === 'network' ? 'network' : 'utility';
  if (type === 'renderer') return 'encoder page';
  if (type === 'gpu-process') return 'gpu';
  if (type) return 'browser';
  const [program = ''] = command.split(' ');
  if (/python[\d.]*$/.test(program)) return 'python';
  if (/\/electron$/.test(program)) return 'main';
  if (/node$/.test(program)) return /guardian/.test(command) ? 'guardian' : 'main';
  if (/Xvfb$/.test(program)) return 'xvfb';
  if (/chrom|headless/.test(program)) return 'browser';
  return 'other';
}

/** `utime + stime` of `/proc/<pid>/stat` (proc_pid_stat(5), fields 14 and 15), in clock ticks. */
export function ticksOf(stat: string): number {
  // Fields are counted from the parenthesis: the command before it may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** The machine's busy time since boot in clock ticks, from the first line of `/proc/stat` (proc_stat(5)). */
export function busyTicks(stat: string): number {
  const [, user, nice, system, , , irq, softirq] = (stat.split('\n')[0] ?? '').split(/ +/).map(Number);
  return [user, nice, system, irq, softirq].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0);
}

/** What all processes of the machine have used since boot, in milliseconds of CPU. */
export function machineBusyMs(): number {
  return busyTicks(readFileSync('/proc/stat', 'utf8')) * tickMs();
}

let ticksPerSecond: number | undefined;

function tickMs(): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return 1000 / ticksPerSecond;
}

/**
 * CPU time of a tree of processes by role. Sample it about once a second: a process that ends between two samples
 * loses what it used since the last.
 */
export class CpuMeter {
  readonly #list: () => ProcessInfo[];
  readonly #lastTicks = new Map<number, number>();
  readonly #roles = new Map<string, number>();
  #began = false;

  /** @param list The processes to count, asked anew each time. */
  constructor(list: () => ProcessInfo[]) {
    this.#list = list;
  }

  sample(): void {
    for (const { pid, command } of this.#list()) {
      let ticks: number;
      try {
        ticks = ticksOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        continue;
      }
      // One that was not there at the first sample began at 0.
      const before = this.#lastTicks.get(pid) ?? (this.#began ? 0 : ticks);
      this.#lastTicks.set(pid, ticks);
      const role = roleOf(command);
      this.#roles.set(role, (this.#roles.get(role) ?? 0) + ticks - before);
    }
    this.#began = true;
  }

  /** Milliseconds of CPU since the first sample, by role, the most first. */
  get byRoleMs(): Map<string, number> {
    const entries = [...this.#roles].map(([role, ticks]) => [role, ticks * tickMs()] as const);
    return new Map(entries.sort((a, b) => b[1] - a[1]));
  }
}
