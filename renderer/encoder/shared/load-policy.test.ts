import { describe, expect, test } from 'vitest';
import { type Load, LoadPolicy } from './load-policy.ts';

const easy: Load = { offered: 30, skipped: 0, waitMs: 1 };
const busy: Load = { offered: 30, skipped: 6, waitMs: 5 };
const slow: Load = { offered: 30, skipped: 0, waitMs: 12 };
const between: Load = { offered: 30, skipped: 2, waitMs: 1 };

/** Second by second; returns the scale after each. */
function run(loads: Load[]): number[] {
  const policy = new LoadPolicy();
  return loads.map((load, second) => {
    policy.update(load, second * 1000);
    return Number(policy.scale.toFixed(3));
  });
}

const times = (count: number, load: Load) => Array.from({ length: count }, () => load);

describe('load policy', () => {
  test('leaves everything as it is while the machine keeps up, or nobody watches', () => {
    expect(run(times(20, easy)).at(-1)).toBe(1);
    expect(run(times(20, { offered: 0, skipped: 0, waitMs: null })).at(-1)).toBe(1);
  });

  test('gives less when pictures are skipped, or stand-ins are slow', () => {
    expect(run([easy, busy, busy, busy, busy])).toEqual([1, 1, 0.6, 0.6, 0.36]);
    // By what it is too much.
    expect(run([slow, slow])).toEqual([1, 0.667]);
  });

  test('overlooks a moment, as when an encoder starts', () => {
    expect(run([busy, easy, busy, easy]).at(-1)).toBe(1);
  });

  test('stays where there is neither strain nor room', () => {
    expect(run([busy, busy, ...times(60, between)]).at(-1)).toBe(0.6);
  });

  test('gives more again after 4 s of room, in steps', () => {
    const scales = run([busy, busy, ...times(20, easy)]);
    expect(scales.slice(1, 6)).toEqual([0.6, 0.6, 0.6, 0.6, 0.6]);
    expect(scales[6]).toBe(0.75);
    expect(scales.at(-1)).toBe(1);
  });

  test('tries again ever more rarely while more is too much', () => {
    // A machine that can take no more than 0.75.
    const policy = new LoadPolicy();
    let changes = 0;
    for (let second = 0; second < 600; second += 1) {
      if (policy.update(policy.scale > 0.75 ? busy : easy, second * 1000)) changes += 1;
    }
    expect(policy.scale).toBeLessThanOrEqual(0.75);
    expect(changes).toBeLessThan(40);
  });

  test('never falls below a sixteenth', () => {
    expect(run(times(60, busy)).at(-1)).toBe(0.063);
  });
});
