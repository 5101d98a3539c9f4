import { expect, test } from 'vitest';
import { ProbePolicy } from './probe-policy.ts';

const MAX_BPS = 10_000_000;

/** Every half second an estimate (Mbps) and the loss; tells when it probed, in seconds. */
function probes(seconds: number, at: (second: number) => { mbps: number; loss?: number }): number[] {
  const policy = new ProbePolicy();
  const found: number[] = [];
  for (let second = 0; second < seconds; second += 0.5) {
    const { mbps, loss = 0 } = at(second);
    if (policy.due(mbps * 1_000_000, MAX_BPS, loss, second * 1000)) found.push(second);
  }
  return found;
}

test('a full estimate needs no probe', () => {
  expect(probes(30, () => ({ mbps: 9.5 }))).toEqual([]);
});

test('a low and quiet one is probed, ever less often while it stays', () => {
  expect(probes(60, () => ({ mbps: 4 }))).toEqual([1.5, 3.5, 7.5, 15.5, 31.5]);
});

test('a probe that brings something is followed by the next soon', () => {
  expect(probes(8, (second) => ({ mbps: Math.min(8, 2 + second) })).length).toBeGreaterThan(2);
});

test('not while packets are lost or the estimate falls, and only a while after', () => {
  expect(probes(10, (second) => ({ mbps: 4, loss: second < 5 ? 0.01 : 0 }))).toEqual([6.5, 8.5]);
  expect(probes(6, (second) => ({ mbps: 8 - second }))).toEqual([]);
});
