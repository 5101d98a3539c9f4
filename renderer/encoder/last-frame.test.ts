import { expect, test } from 'vitest';
import { LastFramePolicy } from './last-frame.ts';

/** When the picture is written again, asked every 50 ms, as encoder.ts does. */
function repeats(policy: LastFramePolicy, fromMs: number, toMs: number, viewers: number): number[] {
  const times: number[] = [];
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 50) {
    if (!policy.due(nowMs, viewers)) continue;
    times.push(nowMs);
    policy.written(nowMs);
  }
  return times;
}

test('without a picture there is nothing to repeat', () => {
  const policy = new LastFramePolicy();
  policy.viewerConnected(0);
  expect(repeats(policy, 0, 2000, 1)).toEqual([]);
});

test('a new viewer gets the last picture at once and twice more, then it goes on slowly while the model is idle', () => {
  const policy = new LastFramePolicy();
  policy.written(0);
  policy.viewerConnected(1000);
  expect(repeats(policy, 1000, 2400, 1)).toEqual([1000, 1100, 1300, 1800, 2300]);
});

test('nobody watches: nothing is repeated', () => {
  const policy = new LastFramePolicy();
  policy.written(0);
  expect(repeats(policy, 0, 5000, 0)).toEqual([]);
});

test('a running model is not disturbed', () => {
  const policy = new LastFramePolicy();
  for (let nowMs = 0; nowMs < 2000; nowMs += 100) {
    policy.written(nowMs);
    expect(policy.due(nowMs + 50, 1)).toBe(false);
  }
});

test('a cleared track repeats nothing', () => {
  const policy = new LastFramePolicy();
  policy.written(0);
  policy.clear();
  expect(repeats(policy, 0, 2000, 1)).toEqual([]);
});
