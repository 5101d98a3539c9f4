import { describe, expect, test } from 'vitest';
import { RungPlan } from './rung-plan.ts';

/** Above it, so that only the cases about arrival have viewers that arrive. */
const START_BPS = 13_000_000;

/** `a=10 b=4.1`: what each link allows, in Mbps. */
function viewersOf(text: string) {
  return text === ''
    ? []
    : text.split(' ').map((each) => {
        const [id = '', mbps = '0'] = each.split('=');
        return { id, allowedBps: Number(mbps) * 1_000_000 };
      });
}

/** Runs `[nowMs, viewers]` and tells the last plan as `id:members@Mbps`. */
function run(steps: [number, string][], maxRungs = 3): string {
  const plan = new RungPlan(maxRungs, START_BPS);
  for (const [nowMs, viewers] of steps) plan.update(viewersOf(viewers), nowMs);
  return plan.rungs
    .map(({ id, allowedBps, members }) => `${id}:${members.join('')}@${allowedBps / 1_000_000}`)
    .join(' ');
}

describe('rung plan', () => {
  test.each<[string, [number, string][], string]>([
    ['nobody, no rung', [[0, '']], ''],
    ['one viewer, one rung at its rate', [[0, 'a=4']], '1:a@4'],
    ['links within a third share a rung at the slowest rate', [[0, 'a=4 b=3.1 c=3.5']], '1:acb@3.1'],
    ['a slow one gets its own', [[0, 'a=10 b=10 c=0.8']], '1:ab@10 2:c@0.8'],
    ['three sorts of links, three rungs', [[0, 'a=10 b=4 c=1']], '1:a@10 2:b@4 3:c@1'],
    [
      'four sorts are three rungs: the most alike are together',
      [[0, 'a=10 b=4 c=2.4 d=0.5']],
      '1:a@10 2:bc@2.4 3:d@0.5',
    ],
    [
      'down at once',
      [
        [0, 'a=10 b=10'],
        [100, 'a=10 b=1'],
      ],
      '1:a@10 2:b@1',
    ],
    [
      'up not at once',
      [
        [0, 'a=10 b=1'],
        [11_000, 'a=10 b=10'],
      ],
      '1:a@10 2:b@10',
    ],
    [
      'up after three seconds',
      [
        [0, 'a=10 b=1'],
        [100, 'a=10 b=10'],
        [3200, 'a=10 b=10'],
      ],
      '1:ab@10',
    ],
    [
      'a moment of room is not enough',
      [
        [0, 'a=10 b=1'],
        [11_000, 'a=10 b=10'],
        [13_000, 'a=10 b=1'],
        [14_200, 'a=10 b=10'],
      ],
      '1:a@10 2:b@10',
    ],
    [
      'those together stay so a little longer',
      [
        [0, 'a=4 b=4'],
        [100, 'a=4 b=2.6'],
      ],
      '1:ab@2.6',
    ],
    [
      '... but not for ever',
      [
        [0, 'a=4 b=4'],
        [100, 'a=4 b=2.4'],
      ],
      '1:a@4 2:b@2.4',
    ],
    [
      'the rung of most keeps its encoder',
      [
        [0, 'a=4 b=4 c=4'],
        [100, 'a=10 b=1 c=1'],
        [4000, 'a=10 b=1 c=1'],
      ],
      '2:a@10 1:bc@1',
    ],
    [
      'a viewer that leaves takes its rung with it',
      [
        [0, 'a=10 b=1'],
        [100, 'a=10'],
      ],
      '1:a@10',
    ],
    [
      'the one left goes on where it was',
      [
        [0, 'a=10 b=1'],
        [100, 'b=1'],
      ],
      '2:b@1',
    ],
    [
      'a single viewer keeps its rung whatever its link does',
      [
        [0, 'a=10'],
        [100, 'a=0.5'],
        [9000, 'a=10'],
      ],
      '1:a@10',
    ],
  ])('%s', (_name, steps, expected) => {
    expect(run(steps)).toBe(expected);
  });

  test('a viewer that has just come joins the best rung, lowers nobody, and is sorted in after ten seconds', () => {
    const plan = new RungPlan(3, 4_000_000);
    const told = (nowMs: number, viewers: string) =>
      plan
        .update(viewersOf(viewers), nowMs)
        .map(({ id, allowedBps, members }) => `${id}:${members.join('')}@${allowedBps / 1_000_000}`)
        .join(' ');
    expect(told(0, 'a=4')).toBe('1:a@4');
    expect(told(6000, 'a=10')).toBe('1:a@10');
    expect(told(10_000, 'a=10 b=4')).toBe('1:ab@10');
    expect(told(12_000, 'a=10 b=3')).toBe('1:a@10 2:b@3');
    expect(told(12_500, 'a=10 b=10 c=4')).toBe('1:abc@10');
    expect(told(24_000, 'a=10 b=10 c=5')).toBe('1:ab@10 3:c@5');
  });

  test('one rung for all where only one is allowed', () => {
    expect(run([[0, 'a=10 b=1']], 1)).toBe('1:ab@1');
  });
});
