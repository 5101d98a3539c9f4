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

test('a low and quiet one is probed every two seconds, and less often after a minute in vain', () => {
  const found = probes(100, () => ({ mbps: 4 }));
  expect(found.slice(0, 3)).toEqual([1, 3, 5]);
  expect(found.slice(-3)).toEqual([83, 91, 99]);
});

test('a probe that brings something is followed by the next at once', () => {
  expect(probes(8, (second) => ({ mbps: second < 1.5 ? 1 : second < 2 ? 2 : second < 3 ? 5 : 8 }))).toEqual([
    1, 1.5, 2, 3, 5, 7,
  ]);
});

test('not while packets are lost or the estimate falls, and only a while after', () => {
  expect(probes(10, (second) => ({ mbps: 4, loss: second < 5 ? 0.01 : 0 }))).toEqual([6, 8]);
  expect(probes(6, (second) => ({ mbps: 8 - second }))).toEqual([]);
});
