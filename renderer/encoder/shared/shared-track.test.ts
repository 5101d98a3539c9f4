import { describe, expect, test } from 'vitest';
import type { SharedEncoderOptions } from './shared-encoder.ts';
import { type RungEncoder, SharedTrack } from './shared-track.ts';

/** A track whose encoders are driven by hand, and viewers that note what they are sent as `rung key|delta`. */
function setUp() {
  const encoders = new Map<
    number,
    SharedEncoderOptions & {
      keysAsked: number;
      owed: number;
      served: boolean;
      allowedBps: number | null;
      sizeScale: number;
    }
  >();
  const closed: number[] = [];
  const sent = new Map<string, string[]>();
  const clock = { nowMs: 0 };
  let made = 0;
  const track = new SharedTrack({
    track: 'main_video',
    codec: 'vp9',
    fps: 30,
    content: 'motion',
    settings: {
      codecs: ['vp9'],
      startBps: 4_000_000,
      minBps: 500_000,
      maxBps: 10_000_000,
      maxRungs: 3,
      hardware: 'auto',
    },
    nowMs: () => clock.nowMs,
    onFailure: () => {},
    onWarning: () => {},
    makeEncoder: (options): RungEncoder => {
      // Rungs are numbered in the order in which they come, and so are encoders here.
      made += 1;
      const number = made;
      const state = {
        ...options,
        keysAsked: 0,
        owed: 0,
        served: false,
        allowedBps: null as number | null,
        sizeScale: 1,
      };
      encoders.set(number, state);
      return {
        counts: { offered: 0, skipped: 0 },
        requestKeyFrame: () => {
          state.keysAsked += 1;
        },
        oweKeyFrame: () => {
          state.owed += 1;
        },
        firstViewer: () => {
          state.served = true;
        },
        setAllowed: (bps, sizeScale = 1) => {
          state.allowedBps = bps;
          state.sizeScale = sizeScale;
        },
        encode: () => {},
        tick: () => {},
        close: () => {
          closed.push(number);
          encoders.delete(number);
        },
        stats: () => {
          throw new Error('not asked here');
        },
      };
    },
  });
  return {
    track,
    encoders,
    closed,
    clock,
    /** A picture of that size comes from the model. */
    picture: (displayWidth: number, displayHeight: number) =>
      track.encode({ displayWidth, displayHeight, clone: () => ({}) } as VideoFrame),
    join: (id: string, observer = false) => {
      const units: string[] = [];
      sent.set(id, units);
      track.add(
        id,
        {
          onUnit: ({ key, timestampUs }) => units.push(`${timestampUs} ${key ? 'key' : 'delta'}`),
          tick: () => {},
        },
        observer,
      );
    },
    /** An encoder makes an access unit; its rung stands where the timestamp is. */
    make: (rung: number, key: boolean) =>
      encoders.get(rung)?.onUnit({ key, data: new ArrayBuffer(1), timestampUs: rung, madeMs: clock.nowMs }),
    allow: (rates: Record<string, number>) => track.setAllowed(new Map(Object.entries(rates))),
    /** What a viewer was sent since it was last asked. */
    seen: (id: string) => sent.get(id)?.splice(0).join(', '),
  };
}

describe('shared track', () => {
  test('an observer goes along with the best viewer, up and down, and no encoder is there because of it', () => {
    const { track, encoders, clock, join, allow, make, seen } = setUp();
    join('a');
    join('eye', true);
    allow({ a: 5_000_000, eye: 9_000_000 });
    clock.nowMs = 11_000;
    allow({ a: 800_000, eye: 9_000_000 });
    expect([...encoders.keys()]).toEqual([1]);
    expect(encoders.get(1)?.allowedBps).toBe(800_000);
    // One with a better link comes: the observer does not stay behind, and does not hold it back with its own, narrow link.
    join('b');
    allow({ a: 800_000, b: 4_000_000, eye: 100_000 });
    clock.nowMs = 30_000;
    allow({ a: 800_000, b: 4_000_000, eye: 100_000 });
    clock.nowMs = 34_000;
    allow({ a: 800_000, b: 4_000_000, eye: 100_000 });
    for (const rung of encoders.keys()) make(rung, true);
    expect(encoders.size).toBe(2);
    expect(track.rungOf('eye')).toBe(track.rungOf('b'));
    expect(seen('eye')).not.toBe('');
    // Alone it has what its own link carries.
    track.remove('a');
    track.remove('b');
    allow({ eye: 700_000 });
    expect(encoders.size).toBe(1);
    expect([...encoders.values()][0]?.allowedBps).toBe(700_000);
  });

  test('all viewers of a rung get the same access units, a new one from its first key frame on', () => {
    const { track, encoders, join, make, seen } = setUp();
    join('a');
    make(1, true);
    join('b');
    expect(encoders.size).toBe(1);
    expect(encoders.get(1)?.keysAsked).toBe(2);
    make(1, false);
    make(1, true);
    make(1, false);
    expect(seen('a')).toBe('1 key, 1 delta, 1 key, 1 delta');
    expect(seen('b')).toBe('1 key, 1 delta');
    expect(track.rungOf('b')).toBe(1);
  });

  test('a slow viewer moves at the key frame of its own rung; the others keep theirs and its rate', () => {
    const { encoders, clock, join, make, allow, seen } = setUp();
    for (const id of ['a', 'b', 'slow']) join(id);
    make(1, true);
    clock.nowMs = 20_000;
    allow({ a: 10_000_000, b: 10_000_000, slow: 10_000_000 });
    for (const id of ['a', 'b', 'slow']) seen(id);
    clock.nowMs = 24_000;
    allow({ a: 10_000_000, b: 10_000_000, slow: 800_000 });
    expect(encoders.get(2)).toMatchObject({ allowedBps: 800_000, keysAsked: 1 });
    make(1, false);
    make(2, true);
    make(1, false);
    make(2, false);
    expect(seen('slow')).toBe('1 delta, 2 key, 2 delta');
    expect(seen('a')).toBe('1 delta, 1 delta');
  });

  test('a key frame is asked of the encoder that the viewer is on, or is moving to', () => {
    const { track, encoders, clock, join, make, allow } = setUp();
    join('a');
    join('b');
    make(1, true);
    clock.nowMs = 20_000;
    allow({ a: 10_000_000, b: 1_000_000 });
    const before = encoders.get(1)?.keysAsked;
    const moving = [...encoders.keys()].find((rung) => rung !== 1) ?? 0;
    track.needKeyFrame(encoders.get(1)?.allowedBps === 10_000_000 ? 'b' : 'a');
    expect(encoders.get(moving)?.keysAsked).toBe(2);
    expect(encoders.get(1)?.keysAsked).toBe(before);
  });

  test('a viewer that is on its way finds an encoder that runs, and gets a key frame at once', () => {
    const { track, encoders, join, make, seen } = setUp();
    track.expect('a');
    track.expect('b');
    expect(encoders.size).toBe(1);
    make(1, true);
    join('a');
    expect(encoders.size).toBe(1);
    expect(encoders.get(1)).toMatchObject({ isEarly: true, served: true, owed: 1 });
    make(1, false);
    make(1, true);
    expect(seen('a')).toBe('1 key');
  });

  test('a viewer that is there before the first access unit gets that one', () => {
    const { track, encoders, join, make, seen } = setUp();
    track.expect('a');
    join('a');
    expect(encoders.get(1)?.owed).toBe(0);
    make(1, true);
    expect(seen('a')).toBe('1 key');
  });

  test('an encoder that was started for viewers who never came ends', () => {
    const { track, closed } = setUp();
    track.expect('a');
    track.expect('b');
    track.remove('a');
    expect(closed).toEqual([]);
    expect(track.empty).toBe(false);
    track.remove('b');
    expect(closed).toEqual([1]);
    expect(track.empty).toBe(true);
  });

  test('links that have more than enough for a picture of that size share one encoder', () => {
    const { encoders, clock, join, make, allow, picture } = setUp();
    for (const id of ['a', 'b']) join(id);
    make(1, true);
    picture(640, 360);
    clock.nowMs = 20_000;
    allow({ a: 10_000_000, b: 3_000_000 });
    expect(encoders.size).toBe(1);
    expect(encoders.get(1)?.allowedBps).toBe(1_244_160);
    picture(1280, 720);
    for (const nowMs of [21_000, 25_000]) {
      clock.nowMs = nowMs;
      allow({ a: 10_000_000, b: 3_000_000 });
    }
    expect([...encoders.values()].map(({ allowedBps }) => allowedBps).sort()).toEqual([3_000_000, 4_976_640]);
  });

  test('a machine that does not keep up gives one viewer a smaller picture, and many fewer bits', () => {
    const { track, encoders, join, make } = setUp();
    join('a');
    make(1, true);
    track.setLoadScale(0.5);
    expect(encoders.get(1)).toMatchObject({ sizeScale: 0.5 });
    for (let count = 0; count < 15; count += 1) join(`b${count}`);
    expect(encoders.get(1)?.sizeScale).toBeGreaterThan(0.95);
  });

  test('an encoder ends with its last viewer', () => {
    const { track, closed, join, make } = setUp();
    join('a');
    join('b');
    make(1, true);
    track.remove('a');
    expect(closed).toEqual([]);
    track.remove('b');
    expect(closed).toEqual([1]);
    expect(track.empty).toBe(true);
  });
});
