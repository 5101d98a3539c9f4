import { expect, test } from 'vitest';
import { FallGuard, type LinkSample } from './fall-guard.ts';

const usual: LinkSample = { takenBps: 5_000_000, targetBps: 4_000_000 };
const sent = { bps: 4_500_000, isBurst: false };

/** Four seconds as usual, then these samples, 50 ms apart. @returns for which of them the link fell */
function falls(samples: Partial<LinkSample>[], more: Partial<typeof sent> = {}): number[] {
  const guard = new FallGuard();
  for (let at = 0; at < 80; at += 1) guard.fell(usual, sent, at * 50);
  return samples.flatMap((sample, at) =>
    guard.fell({ ...usual, ...sample }, { ...sent, ...more }, 4000 + at * 50) ? [at] : [],
  );
}

test('an estimate that breaks down is a fall, and is told once', () => {
  expect(falls([{}, { takenBps: 2_500_000 }, { takenBps: 1_000_000 }, { takenBps: 500_000 }])).toEqual([1]);
});

test('a target that is pushed down is one before the estimate falls', () => {
  expect(falls([{}, { targetBps: 3_000_000 }, { targetBps: 2_000_000 }])).toEqual([2]);
});

test.each<[string, Partial<LinkSample>[], Partial<typeof sent>]>([
  ['a step of the congestion control', [{ takenBps: 4_250_000 }, { takenBps: 3_600_000 }], {}],
  ['a burst of our own', [{ targetBps: 1_000_000 }], { isBurst: true }],
  ['an estimate that nobody makes use of', [{ takenBps: 1_000_000 }], { bps: 300_000 }],
  ['a target that is not known for a while', [{ targetBps: null }, { targetBps: null }], {}],
])('%s is none', (_name, samples, more) => {
  expect(falls(samples, more)).toEqual([]);
});

test('a narrow link and a new connection are left to Chromium', () => {
  const narrow = new FallGuard();
  const told = Array.from({ length: 100 }, (_, at) => {
    const takenBps = at < 80 ? 1_000_000 : 300_000;
    return narrow.fell({ takenBps, targetBps: null }, { bps: 900_000, isBurst: false }, at * 50);
  });
  expect(told).not.toContain(true);
  const young = new FallGuard();
  young.fell(usual, sent, 0);
  expect(young.fell({ ...usual, takenBps: 500_000 }, sent, 500)).toBe(false);
});
