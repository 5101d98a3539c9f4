import { expect, test } from 'vitest';
import { Spread } from './spread.ts';

test('percentiles by nearest rank over the window', () => {
  const spread = new Spread(1000);
  expect(spread.read(0)).toBeNull();
  for (let ms = 1; ms <= 100; ms += 1) spread.add(500, ms);
  expect(spread.read(600)).toEqual({ p50: 50, p95: 95, p99: 99 });
  spread.add(1400, 7);
  expect(spread.read(1600)).toEqual({ p50: 7, p95: 7, p99: 7 });
  spread.clear();
  expect(spread.read(1600)).toBeNull();
});
