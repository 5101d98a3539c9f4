import { expect, test } from 'vitest';
import { FallGuard } from './fall-guard.ts';

const sent = { bps: 4_500_000, isBurst: false };

/** Four seconds at 5 Mbps, then what is taken, in kbps, 50 ms apart. @returns for which of them the link fell */
function falls(takenKbps: number[], more: Partial<typeof sent> = {}): number[] {
  const guard = new FallGuard();
  for (let at = 0; at < 80; at += 1) guard.fell(5_000_000, sent, at * 50);
  return takenKbps.flatMap((kbps, at) =>
    guard.fell(kbps * 1000, { ...sent, ...more }, 4000 + at * 50) ? [at] : [],
  );
}

test('an estimate that breaks down is a fall, and is told once', () => {
  expect(falls([5000, 1900, 1000, 500])).toEqual([1]);
});

test.each<[string, number[], Partial<typeof sent>]>([
  ['a step of the congestion control', [4250, 3600], {}],
  ['a burst of our own', [1000], { isBurst: true }],
  ['an estimate that nobody makes use of', [1000], { bps: 300_000 }],
])('%s is none', (_name, takenKbps, more) => {
  expect(falls(takenKbps, more)).toEqual([]);
});

test('a narrow link and a new connection are left to Chromium', () => {
  const narrow = new FallGuard();
  const told = Array.from({ length: 100 }, (_, at) =>
    narrow.fell(at < 80 ? 1_000_000 : 300_000, { bps: 900_000, isBurst: false }, at * 50),
  );
  expect(told).not.toContain(true);
  const young = new FallGuard();
  young.fell(5_000_000, sent, 0);
  expect(young.fell(500_000, sent, 500)).toBe(false);
});
