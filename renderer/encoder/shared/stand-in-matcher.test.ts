import { describe, expect, test } from 'vitest';
import { type AccessUnit, type StandIn, StandInMatcher } from './stand-in-matcher.ts';

interface Unit extends AccessUnit {
  id: number;
}

/** Runs a script of steps and tells, in order, what the matcher did. */
function run(script: string): string {
  const did: string[] = [];
  const matcher = new StandInMatcher<Unit, StandIn & { name: string }>({
    writeStandIn: (unit) => did.push(`write(${unit.id})`),
    send: (standIn, unit) => did.push(`send(${standIn.name},${unit.key ? 'K' : 'd'}${unit.id})`),
    needKeyFrame: () => did.push('key!'),
  });
  let nowMs = 0;
  for (const step of script.split(' ')) {
    const [, verb = '', rest = ''] = step.match(/^([a-zA-Z+]+?)(\d*)$/) ?? [];
    if (verb === 'K') matcher.onUnit({ key: true, id: Number(rest) }, nowMs);
    else if (verb === 'd') matcher.onUnit({ key: false, id: Number(rest) }, nowMs);
    else if (verb === 'S') matcher.onStandIn({ key: true, name: 'S' }, nowMs);
    else if (verb === 's') matcher.onStandIn({ key: false, name: 's' }, nowMs);
    else if (verb === 'again') matcher.startAgain();
    else if (verb === 'close') matcher.close();
    else if (verb === 't') {
      nowMs += Number(rest);
      matcher.onTick(nowMs);
    } else throw new Error(`unknown step ${step}`);
  }
  return did.join(' ');
}

const cases: [string, string, string][] = [
  ['one access unit, one stand-in', 'K1 S', 'write(1) send(S,K1)'],
  ['deltas follow in order', 'K1 S d2 s d3 s', 'write(1) send(S,K1) write(2) send(s,d2) write(3) send(s,d3)'],
  ['a delta before the first key is skipped and a key asked for', 'd1 K2 S', 'key! write(2) send(S,K2)'],
  ['a late stand-in: the access units wait in order', 'K1 d2 S s', 'write(1) write(2) send(S,K1) send(s,d2)'],
  ['a lost stand-in is written again', 'K1 t80 S', 'write(1) write(1) send(S,K1)'],
  [
    'a lost one that comes late serves the next unit',
    'K1 t80 S S d2',
    'write(1) write(1) send(S,K1) send(S,d2)'.replace('send(S,d2)', 'key!'),
  ],
  ['a duplicate delta stand-in serves the next unit', 'K1 S s d2', 'write(1) send(S,K1) send(s,d2)'],
  [
    'key stand-in while a delta waits: held for a key',
    'K1 S d2 S d3 K4',
    'write(1) send(S,K1) write(2) key! key! send(S,K4)',
  ],
  ['delta stand-in while a key waits: harmless', 'K1 S K2 s', 'write(1) send(S,K1) write(2) send(s,K2)'],
  ['a key makes what waits superfluous', 'K1 d2 K3 S s d4', 'write(1) write(2) send(S,K3) send(s,d4)'],
  [
    'size, rung or codec change: nothing until a key',
    'K1 S again d2 K3 s',
    'write(1) send(S,K1) key! key! write(3) send(s,K3)',
  ],
  [
    'change while units wait',
    'K1 S d2 d3 again s K4 s',
    'write(1) send(S,K1) write(2) write(3) key! send(s,K4)',
  ],
  ['viewer gone in the middle', 'K1 d2 close S s K3 t100', 'write(1) write(2)'],
  [
    'a sender that does not keep up gives up what waits',
    'K1 d2 d3 d4 d5 d6 d7 S K8',
    'write(1) write(2) write(3) write(4) write(5) write(6) key! send(S,K8)',
  ],
];

describe('stand-in matcher', () => {
  test.each(cases)('%s', (_name, script, expected) => {
    expect(run(script)).toBe(expected);
  });

  test('a lost stand-in does not leave each unit one frame late, however quick the frames are', () => {
    for (const intervalMs of [8, 16, 33, 66]) {
      const { lagsMs } = simulate({ seconds: 10, intervalMs, lose: (id) => id === 20 });
      expect(Math.max(...lagsMs.slice(40))).toBeLessThanOrEqual(5);
    }
  });

  test('an hour with a tenth of the stand-ins dropped leaves no lag', () => {
    const random = dice();
    const { lagsMs, matcher, frames } = simulate({
      seconds: 3600,
      intervalMs: 1000 / 30,
      lose: () => random() < 0.1,
    });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const minute = 60 * 30;
    expect(matcher.counts.sent + matcher.counts.skipped + matcher.queues.units).toBe(frames);
    expect(matcher.counts.sent).toBeGreaterThan(0.999 * frames);
    expect(Math.max(...lagsMs.slice(-minute))).toBeLessThan(50);
    expect(mean(lagsMs.slice(-minute))).toBeLessThan(6);
  });
});

function dice(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}

/** A viewer in simulated time: stand-ins come back in order after 1 to 4 ms, but for those that get lost. */
function simulate(options: { seconds: number; intervalMs: number; lose: (id: number) => boolean }) {
  const random = dice();
  const frames = Math.floor((options.seconds * 1000) / options.intervalMs);
  const onTheWay: number[] = [];
  const lagsMs: number[] = [];
  let nowMs = 0;
  let needKey = true;
  let written = 0;
  const matcher = new StandInMatcher<Unit & { madeMs: number }, StandIn>({
    writeStandIn: () => {
      written += 1;
      if (!options.lose(written)) onTheWay.push(Math.max(onTheWay.at(-1) ?? 0, nowMs + 1 + 3 * random()));
    },
    send: (_standIn, unit) => lagsMs.push(nowMs - unit.madeMs),
    needKeyFrame: () => {
      needKey = true;
    },
  });
  for (let id = 0; id < frames; id += 1) {
    const startMs = id * options.intervalMs;
    nowMs = startMs;
    matcher.onUnit({ key: needKey, id, madeMs: nowMs }, nowMs);
    needKey = false;
    for (const stepMs of [2, 5, 8, 15, 22, 30]) {
      if (stepMs >= options.intervalMs) break;
      while ((onTheWay[0] ?? Number.POSITIVE_INFINITY) <= startMs + stepMs) {
        nowMs = onTheWay.shift() ?? nowMs;
        matcher.onStandIn({ key: false }, nowMs);
      }
      nowMs = startMs + stepMs;
      if (stepMs % 15 === 0) matcher.onTick(nowMs);
    }
  }
  return { lagsMs, matcher, frames };
}
