import { expect, test } from 'vitest';
import { linuxUsage, ownUsage, ProcessShares } from './process-usage.ts';

const of = (pid: number, cpuS: number | null, residentBytes: number | null = null) =>
  ({ pid, role: 'renderer', cpuS, residentBytes }) as const;

test('processes of a role are summed, and a share is of the time since the last look', () => {
  const shares = new ProcessShares();
  expect(shares.read([of(1, 10, 100), of(2, 5, 50)], 1000)).toEqual([
    { role: 'renderer', cpu_s: 15, cpu_share: null, resident_bytes: 150 },
  ]);
  expect(shares.read([of(1, 11), of(2, 5.5)], 3000)).toMatchObject([{ cpu_s: 16.5, cpu_share: 0.75 }]);
  // Another process has its place: nothing is known of its last second.
  expect(shares.read([of(3, 1)], 4000)).toMatchObject([{ cpu_s: 1, cpu_share: null }]);
  expect(shares.read([of(3, null)], 5000)).toMatchObject([{ cpu_s: null, cpu_share: null }]);
});

test.skipIf(process.platform !== 'linux')('Linux tells of a process what it tells of itself', () => {
  const own = ownUsage();
  const seen = linuxUsage(process.pid);
  // Ticks of 10 ms for user and system each, and memory moves a little.
  expect(Math.abs((seen?.cpuS ?? 0) - (own.cpuS ?? 0))).toBeLessThan(0.1);
  expect((seen?.residentBytes ?? 0) / (own.residentBytes ?? 1)).toBeGreaterThan(0.5);
  expect((seen?.residentBytes ?? 0) / (own.residentBytes ?? 1)).toBeLessThan(2);
  expect(linuxUsage(2 ** 22 + 1)).toBeUndefined();
});
