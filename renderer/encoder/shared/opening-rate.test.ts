import { expect, test } from 'vitest';
import { OpeningRate } from './opening-rate.ts';

const MBPS = 1e6;
const limits = { startBps: 4 * MBPS, maxBps: 9 * MBPS };

/** Its first picture is made, and its viewer is there at 1000. */
function begun(isEarly = true): OpeningRate {
  const opening = new OpeningRate(limits, isEarly);
  opening.made(1000, 0);
  opening.firstViewer(1000);
  return opening;
}

test('the first picture of each size is made with a part of the rate', () => {
  const opening = new OpeningRate(limits, true);
  expect(opening.bps(4 * MBPS, 0)).toBe(1.2 * MBPS);
  opening.made(1000, 0);
  expect(opening.bps(4 * MBPS, 0)).toBe(4 * MBPS);
  opening.begin();
  expect(opening.bps(4 * MBPS, 0)).toBe(1.2 * MBPS);
});

test('a first viewer whose link has room is given more for a moment, at most the maximum', () => {
  const opening = begun();
  opening.update(4.1 * MBPS, 1100);
  expect(opening.bps(3 * MBPS, 1100)).toBe(7.5 * MBPS);
  opening.update(5 * MBPS, 1150);
  expect(opening.bps(4 * MBPS, 1599)).toBe(9 * MBPS);
  expect(opening.bps(4 * MBPS, 1600)).toBe(4 * MBPS);
  opening.update(5 * MBPS, 1600);
  expect(opening.bps(4 * MBPS, 1600)).toBe(4 * MBPS);
});

test('a link that carries no more than was taken for granted is given no more', () => {
  const opening = begun();
  opening.update(4 * MBPS, 1100);
  expect(opening.bps(4 * MBPS, 1100)).toBe(4 * MBPS);
  opening.update(0.8 * MBPS, 1200);
  expect(opening.bps(0.8 * MBPS, 1200)).toBe(0.8 * MBPS);
  // Nor when it is said to have room after all.
  opening.update(5 * MBPS, 1250);
  expect(opening.bps(4 * MBPS, 1250)).toBe(4 * MBPS);
});

test('a link that turns out to carry less ends it', () => {
  const opening = begun();
  opening.update(4.1 * MBPS, 1100);
  opening.update(3 * MBPS, 1200);
  expect(opening.bps(3 * MBPS, 1200)).toBe(3 * MBPS);
  opening.update(4.1 * MBPS, 1250);
  expect(opening.bps(3 * MBPS, 1250)).toBe(3 * MBPS);
});

test('there is none before its viewer is there, nor where room is found too late, nor for a later encoder', () => {
  const early = new OpeningRate(limits, true);
  early.made(1000, 0);
  early.update(5 * MBPS, 500);
  expect(early.bps(4 * MBPS, 500)).toBe(4 * MBPS);
  const late = begun();
  late.update(5 * MBPS, 2000);
  expect(late.bps(4 * MBPS, 2000)).toBe(4 * MBPS);
  const later = begun(false);
  expect(later.isOpen(1000)).toBe(false);
  later.update(5 * MBPS, 1100);
  expect(later.bps(4 * MBPS, 1100)).toBe(4 * MBPS);
});

test('what its pictures take is bounded by the maximum, however much the encoder makes too much', () => {
  const opening = begun();
  opening.update(5 * MBPS, 1100);
  for (let at = 0; at < 5; at += 1) opening.made(100_000, 1150);
  expect(opening.isRaised(1150)).toBe(true);
  opening.made(100_000, 1200);
  expect(opening.isRaised(1200)).toBe(false);
});

test('each picture is encoded twice from a small first one on, or once there is room', () => {
  const opening = begun();
  expect(opening.isRefining(1000)).toBe(true);
  // 0.2 s of the link that is taken for granted.
  const large = new OpeningRate(limits, true);
  large.made(100_000, 0);
  large.firstViewer(1000);
  large.made(1000, 1030);
  expect(large.isRefining(1030)).toBe(false);
  large.update(4.1 * MBPS, 1100);
  expect(large.isRefining(1100)).toBe(true);
  expect([1599, 1600].map((nowMs) => large.isRefining(nowMs))).toEqual([true, false]);
});

test('no picture is encoded twice for nobody, before there is one, or for a link that is slow or settled', () => {
  const early = new OpeningRate(limits, true);
  early.firstViewer(1000);
  expect(early.isRefining(1010)).toBe(false);
  const alone = new OpeningRate(limits, true);
  alone.made(1000, 0);
  expect(alone.isRefining(10)).toBe(false);
  const slow = begun();
  slow.update(3 * MBPS, 1100);
  expect(slow.isRefining(1100)).toBe(false);
  expect([1999, 2000].map((nowMs) => begun().isRefining(nowMs))).toEqual([true, false]);
  expect(begun(false).isRefining(1000)).toBe(false);
});
