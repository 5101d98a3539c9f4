import { expect, test } from 'vitest';
import type { CommandOutcome } from './command-sender.ts';
import { LatestSender } from './latest-sender.ts';

const refusal: CommandOutcome = { code: 'invalid-command', message: '', hint: '', field: 'a', limit: null };

/** A sender whose answers the test gives. */
function setUp() {
  const sent: number[] = [];
  const answers: ((outcome: CommandOutcome) => void)[] = [];
  const settled: [number, CommandOutcome][] = [];
  const sender = new LatestSender<number>(
    (value) => {
      sent.push(value);
      return new Promise((resolve) => answers.push(resolve));
    },
    (value, outcome) => settled.push([value, outcome]),
  );
  const answer = async (outcome: CommandOutcome = null) => {
    answers.shift()?.(outcome);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { sender, sent, settled, answer };
}

test('one on the way; of those that come meanwhile the last one goes next', async () => {
  const { sender, sent, settled, answer } = setUp();
  for (const value of [1, 2, 3, 4]) sender.push(value);
  expect(sent).toEqual([1]);
  expect(sender.isBusy).toBe(true);
  await answer();
  expect(sent).toEqual([1, 4]);
  expect(settled).toEqual([]);
  await answer();
  expect(settled).toEqual([[4, null]]);
  expect(sender.isBusy).toBe(false);
  sender.push(5);
  expect(sent).toEqual([1, 4, 5]);
});

test('a refusal is told, unless a newer value has followed', async () => {
  const { sender, settled, answer } = setUp();
  sender.push(9);
  sender.push(2);
  await answer(refusal);
  expect(settled).toEqual([]);
  await answer();
  sender.push(9);
  await answer(refusal);
  expect(settled).toEqual([
    [2, null],
    [9, refusal],
  ]);
});
