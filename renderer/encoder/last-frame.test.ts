import { expect, test } from 'vitest';
import { LastFramePolicy } from './last-frame.ts';

/** When the picture is written again, asked every 50 ms, as encoder.ts does. */
function repeats(policy: LastFramePolicy, fromMs: number, toMs: number, viewers: number): number[] {
  const times: number[] = [];
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 50) {
    if (policy.due(nowMs, viewers)) times.push(nowMs);
  }
  return times;
}

test('without a picture there is nothing to repeat', () => {
  const policy = new LastFramePolicy();
  policy.viewerConnected(0);
  expect(repeats(policy, 0, 2000, 1)).toEqual([]);
});

test('an idle model has its picture written again until it looks as good as it can, then slowly', () => {
  const policy = new LastFramePolicy();
  policy.written(0);
  expect(repeats(policy, 0, 450, 1)).toEqual([]);
  const times = repeats(policy, 500, 3000, 1);
  expect(times.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, at) => 500 + 50 * at));
  expect(times.slice(30)).toEqual([2450, 2950]);
});

test('a new viewer gets the last picture at once and twice more while the model runs', () => {
  const policy = new LastFramePolicy();
  policy.viewerConnected(1000);
  const times = [];
  for (let nowMs = 1000; nowMs <= 2400; nowMs += 50) {
    if (nowMs % 200 === 0) policy.written(nowMs);
    if (policy.due(nowMs, 1)) times.push(nowMs);
  }
  expect(times).toEqual([1000, 1100, 1300]);
});

test('a new viewer of an idle model gets it as good as it can be too', () => {
  const policy = new LastFramePolicy();
  policy.written(0);
  repeats(policy, 0, 10_000, 1);
  policy.viewerConnected(10_050);
  expect(repeats(policy, 10_050, 12_000, 2).slice(0, 31)).toEqual([
    ...Array.from({ length: 30 }, (_, at) => 10_050 + 50 * at),
    12_000,
  ]);
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
