import { describe, expect, test } from 'vitest';
import { KeyFramePolicy } from './key-frame-policy.ts';

/** `r` request, `f` a picture (K when it is to be key), `l` lost, `m` the key frame is made, a number: so many milliseconds pass. */
function run(script: string): string {
  const policy = new KeyFramePolicy();
  let nowMs = 0;
  let did = '';
  for (const step of script.split(' ')) {
    if (step === 'r') policy.request();
    else if (step === 'f') did += policy.take(nowMs) ? 'K' : 'd';
    else if (step === 'l') policy.lost();
    else if (step === 'm') policy.made(1000, 4_000_000, nowMs);
    else nowMs += Number(step);
  }
  return did;
}

describe('key frame policy', () => {
  test.each([
    ['the first picture is key, the next are not', 'f 33 f 33 f', 'Kdd'],
    ['a request makes the next picture key', 'f 400 f r 33 f 33 f', 'KdKd'],
    ['ten requests make one key frame', 'f 400 r r r r f r r 33 f 33 f 33 f', 'KKddd'],
    ['what was asked within the interval is made after it', 'f 400 r f r 200 f 101 f 33 f', 'KKdKd'],
    ['who asked while a key frame was being made gets that one', 'f r 200 m 400 f r 33 f', 'KdK'],
    ['a key frame that the encoder dropped is owed at once', 'f 10 l f', 'KK'],
  ])('%s', (_name, script, expected) => {
    expect(run(script)).toBe(expected);
  });

  test.each([
    ['small key frame', 10_000, 4_000_000, 300],
    ['100 kB at 1 Mbps take 800 ms to send, so the next is 1600 ms later', 100_000, 1_000_000, 1600],
    ['never longer than 2 s', 1_000_000, 500_000, 2000],
  ])('%s', (_name, bytes, rateBps, intervalMs) => {
    const policy = new KeyFramePolicy();
    policy.take(0);
    policy.made(bytes, rateBps, 0);
    policy.request();
    expect(policy.take(intervalMs - 1)).toBe(false);
    expect(policy.take(intervalMs)).toBe(true);
  });
});
