import { expect, test } from 'vitest';
import { LinkClimb } from './link-climb.ts';

/** What is sent of a link: 0.8 of what is taken. */
const used = (climb: LinkClimb) => ({ bps: 0.8 * (climb.bps ?? 0), isBurst: false });
const kbps = (bps: number | undefined) => Math.round((bps ?? 0) / 1000);

/** So long at an estimate, 50 ms apart. @returns what was taken at the end, in kbps */
function run(climb: LinkClimb, fromMs: number, forMs: number, estimateBps: number, sent = used): number {
  for (let at = fromMs; at < fromMs + forMs; at += 50) climb.update(estimateBps, sent(climb), at);
  return kbps(climb.bps);
}

test('a new link is taken for what it is said to be, a step down is followed at once, a break at the third reading', () => {
  const climb = new LinkClimb();
  expect(run(climb, 0, 1000, 5_000_000)).toBe(5000);
  expect(run(climb, 1000, 50, 4_000_000)).toBe(4000);
  expect(run(climb, 1050, 100, 1_000_000)).toBe(4000);
  expect(run(climb, 1150, 50, 1_000_000)).toBe(1000);
});

test('what a new link is said twice to have more is believed at once, unless it has dipped before', () => {
  const climb = new LinkClimb();
  run(climb, 0, 50, 4_000_000);
  expect(run(climb, 50, 50, 9_000_000)).toBe(4000);
  expect(run(climb, 100, 50, 9_000_000)).toBe(9000);
  const dipped = new LinkClimb();
  run(dipped, 0, 50, 4_000_000);
  run(dipped, 50, 50, 9_000_000);
  expect(run(dipped, 100, 50, 1_000_000)).toBe(4000);
  expect(run(dipped, 150, 100, 9_000_000)).toBeLessThan(6000);
});

test('two low readings, as a key frame makes them, are none', () => {
  const climb = new LinkClimb();
  run(climb, 0, 1000, 10_000_000);
  expect(run(climb, 1000, 100, 1_200_000)).toBe(10_000);
  expect(run(climb, 1100, 50, 10_000_000)).toBe(10_000);
});

test('after a fall it goes up by steps, from 0.4 to 5 Mbps in less than 3 s', () => {
  const climb = new LinkClimb();
  run(climb, 0, 1000, 5_000_000);
  climb.begin(400_000, 5_000_000, 1000);
  expect(run(climb, 1000, 350, 5_000_000)).toBe(540);
  expect(run(climb, 1350, 2650, 5_000_000)).toBe(5000);
});

test('what is not made use of proves nothing', () => {
  const climb = new LinkClimb();
  climb.begin(400_000, 5_000_000, 0);
  expect(run(climb, 0, 3000, 5_000_000, () => ({ bps: 100_000, isBurst: false }))).toBe(400);
});

test('near what did not fit lately the steps are small', () => {
  const careful = new LinkClimb();
  const bold = new LinkClimb();
  for (const climb of [careful, bold]) climb.begin(400_000, 5_000_000, 0);
  run(careful, 0, 1300, 5_000_000);
  // A promise that is taken back, for longer than a dip.
  run(careful, 1300, 400, 600_000);
  run(bold, 1300, 400, 600_000);
  expect(run(careful, 1700, 1000, 5_000_000)).toBeLessThan(run(bold, 1700, 1000, 5_000_000));
});

test('a dip of a narrow link, or of our own burst, is waited for', () => {
  const narrow = new LinkClimb();
  run(narrow, 0, 500, 1_000_000);
  expect(run(narrow, 500, 200, 300_000)).toBe(1000);
  expect(run(narrow, 700, 200, 300_000)).toBe(300);
  const wide = new LinkClimb();
  run(wide, 0, 500, 5_000_000);
  expect(run(wide, 500, 200, 2_000_000, () => ({ bps: 4_000_000, isBurst: true }))).toBe(5000);
});

test('an estimate that dips and comes back is believed at once', () => {
  const climb = new LinkClimb();
  run(climb, 0, 1000, 5_000_000);
  expect(run(climb, 1000, 150, 2_000_000)).toBe(2000);
  expect(run(climb, 1150, 400, 5_000_000)).toBe(5000);
});
