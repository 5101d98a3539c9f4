import { describe, expect, it } from 'vitest';
import { matchClocks } from './clock-match.ts';

describe('matchClocks', () => {
  it('takes the quickest of the pings, halfway through its round trip', () => {
    const samples = [
      { sentUs: 1_000, otherUs: 501_900, receivedUs: 3_000 },
      { sentUs: 5_000, otherUs: 505_090, receivedUs: 5_200 },
      { sentUs: 8_000, otherUs: 508_100, receivedUs: 8_900 },
    ];
    expect(matchClocks(samples)).toEqual({ offsetUs: 499_990, errorUs: 100 });
  });

  it('is never off by more than it says, whichever way was the slow one', () => {
    const trueOffsetUs = 7_000_000;
    for (const toUs of [0, 20, 180, 200]) {
      const sample = { sentUs: 100, otherUs: 100 + toUs + trueOffsetUs, receivedUs: 300 };
      const { offsetUs, errorUs } = matchClocks([sample]);
      expect(Math.abs(offsetUs - trueOffsetUs)).toBeLessThanOrEqual(errorUs);
    }
  });

  it('needs a sample', () => {
    expect(() => matchClocks([])).toThrow('no clock samples');
  });
});
