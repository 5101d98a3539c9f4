import { describe, expect, test } from 'vitest';
import {
  type HostFacts,
  isGoodNews,
  isProven,
  isRestartDue,
  type SessionFacts,
  sessionEnd,
  waitMs,
} from './connection-policy.ts';
import type { HostSnapshot } from './host-snapshot.ts';

const NOW_MS = 100_000;

const snapshot = (change: Partial<HostSnapshot> = {}): HostSnapshot => ({
  model: { state: 'running', name: 'Clock' },
  encoder: { connected: true, generation: 1 },
  tracks: [{ kind: 'video', name: 'main_video', fps: 30 }],
  viewers: 1,
  ...change,
});

const host = (change: Partial<HostSnapshot> = {}, modelSinceMs = 0): HostFacts => ({
  isHeard: true,
  snapshot: snapshot(change),
  modelSinceMs,
});

const session = (change: Partial<SessionFacts> = {}): SessionFacts => ({
  state: 'connected',
  stateSinceMs: NOW_MS - 60_000,
  restartedAtMs: null,
  generation: 1,
  tracksKey: 'video:main_video',
  hasVideo: true,
  sampledAtMs: NOW_MS - 500,
  lastFrameAtMs: NOW_MS - 500,
  ...change,
});

const ago = (ms: number) => ({ stateSinceMs: NOW_MS - ms });

test.each([
  ['connected', { state: 'connected', ...ago(9000) }, false],
  ['a moment of silence', { state: 'disconnected', ...ago(900) }, false],
  ['a second of it', { state: 'disconnected', ...ago(1000) }, true],
  ['just restarted', { state: 'disconnected', ...ago(2000), restartedAtMs: NOW_MS - 1000 }, false],
  ['restarted in vain', { state: 'disconnected', ...ago(2500), restartedAtMs: NOW_MS - 1500 }, true],
  [
    'restarted for an earlier silence',
    { state: 'disconnected', ...ago(900), restartedAtMs: NOW_MS - 30_000 },
    false,
  ],
  ['on its way', { state: 'connecting', ...ago(2000), restartedAtMs: NOW_MS - 2000 }, false],
] as const)('isRestartDue: %s', (_, facts, due) => {
  expect(isRestartDue(session(facts), NOW_MS)).toBe(due);
});

describe('sessionEnd', () => {
  const cases: [string, SessionFacts, HostFacts, ReturnType<typeof sessionEnd>][] = [
    ['plays', session(), host(), null],
    [
      'plays while the host is not heard',
      session(),
      { isHeard: null, snapshot: null, modelSinceMs: 0 },
      null,
    ],
    ['a new encoder page', session(), host({ encoder: { connected: true, generation: 2 } }), 'encoder-new'],
    [
      'an encoder page that is gone, none new yet',
      session(),
      host({ encoder: { connected: false, generation: 1 } }),
      null,
    ],
    ['made before the host told a generation', session({ generation: null }), host(), null],
    [
      'other tracks',
      session(),
      host({ tracks: [{ kind: 'video', name: 'depth', fps: 30 }] }),
      'tracks-changed',
    ],
    ['other tracks than a narrowed session asked for', session({ tracksKey: null }), host(), null],
    ['no tracks while the model starts again', session(), host({ tracks: [] }), null],
    ['the offer takes its time', session({ state: 'opening', ...ago(14_999) }), host(), null],
    ['the offer is not answered', session({ state: 'opening', ...ago(15_000) }), host(), 'no-answer'],
    ['connecting for long', session({ state: 'connecting', ...ago(15_000) }), host(), 'no-path'],
    ['a hiccup of the network', session({ state: 'disconnected', ...ago(4_499) }), host(), null],
    ['disconnected for 4.5 s', session({ state: 'disconnected', ...ago(4_500) }), host(), 'connection-lost'],
    ['failed before any picture', session({ state: 'failed', lastFrameAtMs: null }), host(), 'no-path'],
    ['failed after pictures', session({ state: 'failed' }), host(), 'connection-lost'],
    ['closed by the host', session({ state: 'closed' }), host(), 'connection-lost'],
    [
      'no picture for 3 s',
      session({ sampledAtMs: NOW_MS, lastFrameAtMs: NOW_MS - 3_000 }),
      host(),
      'stalled',
    ],
    [
      'no picture since it connected',
      session({ ...ago(3_000), sampledAtMs: NOW_MS, lastFrameAtMs: null }),
      host(),
      'stalled',
    ],
    [
      'just connected, no picture yet',
      session({ ...ago(2_000), sampledAtMs: NOW_MS, lastFrameAtMs: null }),
      host(),
      null,
    ],
    ['sound only', session({ hasVideo: false, sampledAtMs: NOW_MS, lastFrameAtMs: null }), host(), null],
    [
      'no picture while the model is started again',
      session({ sampledAtMs: NOW_MS, lastFrameAtMs: NOW_MS - 30_000 }),
      host({ model: { state: 'restarting', name: null } }),
      null,
    ],
    [
      'no picture, but the model runs only since 2 s',
      session({ sampledAtMs: NOW_MS, lastFrameAtMs: NOW_MS - 30_000 }),
      host({}, NOW_MS - 2_000),
      null,
    ],
    [
      'no picture for 1.5 s and no word from the host, whatever the model did last',
      session({ sampledAtMs: NOW_MS, lastFrameAtMs: NOW_MS - 1_500 }),
      { ...host({ model: { state: 'ended', name: null } }), isHeard: false },
      'stalled',
    ],
    [
      'pictures flow though the events are cut',
      session({ sampledAtMs: NOW_MS, lastFrameAtMs: NOW_MS - 1_000 }),
      { ...host(), isHeard: false },
      null,
    ],
    [
      'the page slept and has not counted since',
      session({ sampledAtMs: NOW_MS - 60_000, lastFrameAtMs: NOW_MS - 60_000 }),
      host(),
      null,
    ],
  ];
  test.each(cases)('%s', (_, facts, hostFacts, expected) => {
    expect(sessionEnd(facts, hostFacts, NOW_MS)).toBe(expected);
  });
});

test('isProven: connected for 5 s with pictures', () => {
  expect(isProven(session(), NOW_MS)).toBe(true);
  expect(isProven(session(ago(4_999)), NOW_MS)).toBe(false);
  expect(isProven(session({ lastFrameAtMs: null }), NOW_MS)).toBe(false);
  expect(isProven(session({ state: 'disconnected' }), NOW_MS)).toBe(false);
});

test('waitMs: at once, then longer up to 8 s, spread by a quarter', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 50].map((failures) => waitMs(failures, 0.5))).toEqual([
    0, 0, 500, 1_000, 2_000, 4_000, 8_000, 8_000,
  ]);
  expect([waitMs(6, 0), waitMs(6, 1)]).toEqual([6_000, 10_000]);
});

describe('isGoodNews', () => {
  const down = snapshot({ encoder: { connected: false, generation: 1 } });
  test.each([
    ['the first that is heard', null, snapshot(), true],
    ['the same again', snapshot(), snapshot(), false],
    ['more viewers', snapshot(), snapshot({ viewers: 2 }), false],
    ['the encoder page is gone', snapshot(), down, false],
    ['the encoder page is back', down, snapshot({ encoder: { connected: true, generation: 2 } }), true],
    ['tracks are known now', snapshot({ tracks: [] }), snapshot(), true],
    ['tracks are not known any more', snapshot(), snapshot({ tracks: [] }), false],
    [
      'tracks are known, but no encoder page',
      snapshot({ tracks: [], encoder: { connected: false, generation: 0 } }),
      down,
      false,
    ],
  ] as const)('%s', (_, before, now, expected) => {
    expect(isGoodNews(before, now)).toBe(expected);
  });
});
