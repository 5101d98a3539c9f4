import { readFileSync } from 'node:fs';
import type { ProcessRole, ProcessStats } from '../protocol/stats.ts';

/** What is known of one process: processor time since its start, and what it has in memory; null where the system does not tell. */
export interface Usage {
  cpuS: number | null;
  residentBytes: number | null;
}

export interface RunningProcess extends Usage {
  pid: number;
  role: ProcessRole;
}

/** USER_HZ, which Linux shows to programs whatever its own clock is (time(7)). */
const TICKS_PER_SECOND = 100;

/** Of a process on Linux, by proc_pid_stat(5) and proc_pid_status(5); undefined elsewhere and when it has ended. */
export function linuxUsage(pid: number): Usage | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    // Behind the name, which may hold spaces and parentheses: the third field, then utime and stime are the 14th and 15th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return {
      cpuS: Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : null,
      residentBytes: kilobytes === undefined ? null : Number(kilobytes) * 1024,
    };
  } catch {
    return undefined;
  }
}

/** Of this process, on every system. */
export function ownUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuS: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
}

/** Makes shares of a core out of what processes have used in all. */
export class ProcessShares {
  #before = new Map<number, { atMs: number; cpuS: number }>();

  /** Processes of one role together: a browser may have several renderers. */
  read(processes: readonly RunningProcess[], nowMs: number): ProcessStats[] {
    const byRole = new Map<ProcessRole, ProcessStats>();
    const now = new Map<number, { atMs: number; cpuS: number }>();
    for (const { pid, role, cpuS, residentBytes } of processes) {
      const before = this.#before.get(pid);
      const seconds = before ? (nowMs - before.atMs) / 1000 : 0;
      const share =
        before && cpuS !== null && seconds > 0 ? Math.max(0, (cpuS - before.cpuS) / seconds) : null;
      if (cpuS !== null) now.set(pid, { atMs: nowMs, cpuS });
      const sum = byRole.get(role);
      byRole.set(role, {
        role,
        cpu_s: plus(sum?.cpu_s, cpuS),
        cpu_share: plus(sum?.cpu_share, share),
        resident_bytes: plus(sum?.resident_bytes, residentBytes),
      });
    }
    this.#before = now;
    return [...byRole.values()];
  }
}

function plus(one: number | null | undefined, other: number | null): number | null {
  if (one === undefined || one === null) return other;
  return other === null ? one : one + other;
}
