import { describe, expect, test } from 'vitest';
import { ToneMeter } from '../../bench/tone-meter.ts';
import { AudioBuffer } from './audio-buffer.ts';
import { PIECE_SAMPLES, type SoundPiece } from './sound-piece.ts';

const RATE = 48_000;

/** Sound that comes: when, how much, and how loud. */
interface Push {
  atMs: number;
  ms: number;
  volume?: number;
  dueMs?: number | undefined;
}

/** A player with its own clock: pushes at given times, pulls every millisecond like a timer that may be late. */
class Player {
  readonly buffer: AudioBuffer;
  readonly pieces: { atMs: number; piece: SoundPiece }[] = [];
  readonly acks: number[] = [];
  deepestMs = 0;
  #seq = 0;
  #sample = 0;
  #exact = 0;
  nowMs = 0;

  /** @param heard somebody listens from the beginning */
  constructor(
    readonly channels: 1 | 2 = 1,
    heard = true,
  ) {
    this.buffer = new AudioBuffer(channels);
    this.buffer.listen(0, heard);
  }

  /** A 440 Hz sine that goes on from one call to the next. */
  push(ms: number, volume = 0.5, dueMs: number | null = null): void {
    const begin = this.#sample;
    // Parts of a sample are not lost, or a drift would be another one.
    this.#exact += (ms * RATE) / 1000;
    const count = Math.round(this.#exact) - begin;
    const samples = new Int16Array(count * this.channels);
    for (let at = 0; at < count; at += 1) {
      const value = Math.round(32_767 * volume * Math.sin((2 * Math.PI * 440 * (begin + at)) / RATE));
      for (let channel = 0; channel < this.channels; channel += 1) {
        samples[at * this.channels + channel] = channel === 0 ? value : -value;
      }
    }
    const captureUs = 7_000_000 + Math.round((begin * 1e6) / RATE);
    this.#sample += count;
    this.buffer.push(this.nowMs, { seq: this.#seq++, captureUs, dueMs, samples });
  }

  /** Runs to `toMs`. */
  run(toMs: number, events: readonly Push[] = []): this {
    let next = 0;
    for (; this.nowMs < toMs; this.nowMs += 1) {
      for (let event = events[next]; event && event.atMs <= this.nowMs; event = events[next]) {
        this.push(event.ms, event.volume, event.dueMs);
        next += 1;
      }
      this.deepestMs = Math.max(this.deepestMs, this.buffer.bufferedMs);
      this.pull();
    }
    return this;
  }

  pull(): void {
    const { pieces, ackSeq } = this.buffer.pull(this.nowMs);
    for (const piece of pieces) this.pieces.push({ atMs: this.nowMs, piece });
    if (ackSeq !== null) this.acks.push(ackSeq);
  }

  /** When the first sound was played. */
  get beginMs(): number {
    return this.pieces.find(({ piece }) => piece.planes.some((sample) => sample !== 0))?.atMs ?? Number.NaN;
  }

  /** Of what was played from `fromMs` on. */
  tone(fromMs = 0) {
    const meter = new ToneMeter(440, RATE);
    for (const { atMs, piece } of this.pieces) {
      if (atMs >= fromMs) meter.add(piece.planes.subarray(0, PIECE_SAMPLES));
    }
    return meter.report();
  }

  /** What the first channel was given between the two moments is silence. */
  isSilent(fromMs: number, toMs: number): boolean {
    return this.pieces
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .every(({ piece }) => piece.planes.every((sample) => sample === 0));
  }
}

/** Pushes of `ms` each (as long as they are apart, where nothing is said), evenly, each late by what `lateMs` says. */
function pushes(
  everyMs: number,
  untilMs: number,
  lateMs: (index: number) => number = () => 0,
  ms: number = everyMs,
): Push[] {
  return Array.from({ length: Math.floor(untilMs / everyMs) }, (_, index) => ({
    atMs: Math.round(index * everyMs + lateMs(index)),
    ms,
  }));
}

/** Between 0 and 1, in an order that looks like none: the same in each run. */
const uneven = (index: number) => (index * 0.618) % 1;

describe('sound that comes in time plays without a gap, in even pieces of 10 ms', () => {
  test.each([
    ['10 ms pieces', 10, () => 0],
    ['33 ms pieces', 100 / 3, () => 0],
    ['33 ms pieces, up to 15 ms late', 100 / 3, (index: number) => 15 * uneven(index)],
    ['bursts of 0.5 s', 500, () => 0],
    ['bursts of 0.5 s, up to 40 ms late', 500, (index: number) => (index % 3) * 20],
    ['bursts of 1 s', 1000, () => 0],
    ['bursts of 1 s, up to 60 ms late', 1000, (index: number) => (index % 2) * 60],
  ])('%s', (_name, everyMs, lateMs) => {
    const player = new Player().run(60_000, pushes(everyMs, 62_000, lateMs));
    expect(player.tone(200)).toMatchObject({ gapMs: 0, unevenPlaces: 0 });
    expect(player.buffer.droppedMs).toBe(0);
    const gaps = player.pieces.slice(1).map(({ atMs }, index) => atMs - (player.pieces[index]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBe(10);
    expect(Math.max(...gaps)).toBe(10);
  });
});

describe('a model whose clock is off by half a percent plays for a minute: one tone, no gap, no jump, a bounded buffer', () => {
  test.each([
    ['fast, 33 ms pieces', 100 / 3, 1.005, () => 0],
    ['slow, 33 ms pieces', 100 / 3, 0.995, () => 0],
    ['fast, 20 ms pieces, up to 15 ms late', 20, 1.005, (index: number) => 15 * uneven(index)],
    ['slow, 20 ms pieces, up to 15 ms late', 20, 0.995, (index: number) => 15 * uneven(index)],
    ['fast, bursts of 0.5 s, up to 20 ms late', 500, 1.005, (index: number) => 20 * uneven(index)],
    ['slow, bursts of 0.5 s, up to 20 ms late', 500, 0.995, (index: number) => 20 * uneven(index)],
    ['slow, bursts of 1 s', 1000, 0.995, () => 0],
  ])('%s', (_name, everyMs, speed, lateMs) => {
    const player = new Player().run(60_000, pushes(everyMs, 62_000, lateMs, everyMs * speed));
    const { hz, oddestHz, gapMs, unevenPlaces, largestStep } = player.tone(200);
    expect({ gapMs, unevenPlaces, droppedMs: player.buffer.droppedMs }).toEqual({
      gapMs: 0,
      unevenPlaces: 0,
      droppedMs: 0,
    });
    expect(Math.abs(hz / (440 * speed) - 1)).toBeLessThan(0.002);
    expect(Math.abs(oddestHz / 440 - 1)).toBeLessThan(0.01);
    expect(largestStep).toBeLessThan(1.05);
    expect(player.deepestMs).toBeLessThan(everyMs + 160);
  });
});

test('a model that is punctual waits less and less: sound is then hardly later than its picture', () => {
  const player = new Player().run(
    60_000,
    pushes(100 / 3, 62_000, (index) => 2 * uneven(index)),
  );
  expect(player.buffer.delayMs).toBeLessThan(30);
  const bursts = new Player().run(
    60_000,
    pushes(500, 62_000, (index) => 4 * uneven(index)),
  );
  expect(bursts.buffer.delayMs).toBeLessThan(32);
});

test('what sound waits is told while the model gives some and somebody hears it: no picture waits otherwise', () => {
  const player = new Player().run(5000, pushes(100 / 3, 5000));
  expect(player.buffer.heardAfterMs).toBeGreaterThan(20);
  expect(player.buffer.heardAfterMs).toBeLessThan(45);
  player.buffer.listen(5000, false);
  expect(player.buffer.heardAfterMs).toBeNull();
  player.buffer.listen(5000, true);
  expect(player.run(8000).buffer.heardAfterMs).toBeNull();
  expect(new Player(1, false).run(2000, pushes(20, 2000)).buffer.heardAfterMs).toBeNull();
});

test('samples come out as they went in, channel by channel, with stamps of the capture clock', () => {
  const player = new Player(2, false).run(200, pushes(100 / 3, 400));
  const { planes, timestampUs } = player.pieces[5]?.piece ?? { planes: new Float32Array(), timestampUs: 0 };
  expect(timestampUs).toBe(7_050_000);
  const expected = (at: number) => 0.5 * Math.sin((2 * Math.PI * 440 * (5 * PIECE_SAMPLES + at)) / RATE);
  for (let at = 0; at < PIECE_SAMPLES; at += 1) {
    expect(planes[at]).toBeCloseTo(expected(at), 3);
    expect(planes[PIECE_SAMPLES + at]).toBeCloseTo(-expected(at), 3);
  }
});

test('a message is acknowledged when its last sample is played out', () => {
  const player = new Player().run(1000, [
    { atMs: 0, ms: 25 },
    { atMs: 1, ms: 25 },
    { atMs: 2, ms: 50 },
  ]);
  expect(player.acks).toEqual([0, 1, 2]);
  const buffer = new AudioBuffer(1);
  buffer.push(0, { seq: 4, captureUs: 0, dueMs: null, samples: new Int16Array(480 * 3) });
  expect([30, 40, 50].map((nowMs) => buffer.pull(nowMs).ackSeq)).toEqual([null, null, 4]);
});

test('one late piece: the silence is counted, and the buffer is then deep enough for the next that is as late', () => {
  const late = pushes(20, 12_000, (index) => (index === 100 || index === 300 ? 60 : 0));
  const player = new Player().run(4000, late);
  const { droppedMs } = player.buffer;
  expect(droppedMs).toBeGreaterThan(30);
  expect(droppedMs).toBeLessThan(80);
  expect(player.tone(200).gapMs).toBeGreaterThan(0);
  const rest = late.filter(({ atMs }) => atMs >= 4000);
  expect(player.run(12_000, rest).buffer.droppedMs).toBe(droppedMs);
  expect(player.tone(4000)).toMatchObject({ gapMs: 0, unevenPlaces: 0 });
});

test('a stream that begins while host and page are busy: sound begins when it comes in time, in one piece and not late', () => {
  // The first pieces of 33 ms with a first viewer on two cores with four busy processes: when each came, and when it was due.
  const seen = [
    [0, -16],
    [2, -15],
    [135, 21],
    [136, 53],
    [156, 99],
    [194, 125],
    [196, 153],
    [212, 186],
    [254, 220],
    [277, 255],
  ];
  const all = pushes(100 / 3, 15_000).map((push, index) => {
    const [atMs, dueMs] = seen[index] ?? [push.atMs - 40, push.atMs - 45];
    return { ...push, atMs: atMs ?? 0, dueMs };
  });
  const player = new Player().run(15_000, all);
  const { beginMs } = player;
  expect(beginMs).toBeGreaterThan(135);
  expect(beginMs).toBeLessThan(300);
  const { gapMs, unevenPlaces, largestStep } = player.tone(beginMs + 10);
  expect({ gapMs, unevenPlaces }).toEqual({ gapMs: 0, unevenPlaces: 0 });
  expect(largestStep).toBeLessThan(1.1);
  expect(player.buffer.bufferedMs).toBeLessThan(140);
});

test('a model that is far away begins as soon as one that is near: all of its sound is as late', () => {
  const far = pushes(100 / 3, 3000).map((push) => ({ ...push, dueMs: push.atMs - 150 }));
  const near = pushes(100 / 3, 3000).map((push) => ({ ...push, dueMs: push.atMs - 5 }));
  const [one, other] = [new Player().run(3000, far), new Player().run(3000, near)];
  expect(one.beginMs).toBe(other.beginMs);
  expect(one.buffer.droppedMs).toBe(0);
});

describe('a page that stands still while it reads nothing fills in no silence, and is soon no later than before', () => {
  // As it was seen when a stream begins with its first viewer: the timer runs first, what waits is read after it.
  test.each([
    ['as the stream begins', 60, 230, 250],
    ['later on', 5000, 5110, 5111],
    ['for long', 5000, 5400, 5415],
  ])('%s', (_name, fromMs, toMs, readMs) => {
    const all = pushes(100 / 3, 15_000).map((push) => ({
      ...push,
      atMs: push.atMs > fromMs && push.atMs < readMs ? readMs : push.atMs,
    }));
    const player = new Player().run(fromMs + 1, all);
    player.nowMs = toMs;
    player.pull();
    player.run(
      15_000,
      all.filter(({ atMs }) => atMs > fromMs),
    );
    const { gapMs, unevenPlaces, largestStep } = player.tone(player.beginMs + 10);
    expect({ gapMs, unevenPlaces }).toEqual({ gapMs: 0, unevenPlaces: 0 });
    expect(largestStep).toBeLessThan(1.1);
    expect(player.buffer.bufferedMs).toBeLessThan(110);
    expect(player.buffer.droppedMs).toBeLessThan(toMs - fromMs);
  });
});

test('a model that stood still and does not make up for it: one silence, no more delay than before', () => {
  const stall = pushes(20, 20_000).map((push, index) =>
    index < 50 ? push : { ...push, atMs: push.atMs + 300 },
  );
  const player = new Player().run(20_000, stall);
  expect(player.buffer.droppedMs).toBeLessThan(320);
  expect(player.tone(3000)).toMatchObject({ gapMs: 0, unevenPlaces: 0 });
  expect(player.buffer.delayMs).toBeLessThan(40);
});

test('a pause of the model is no loss: silence flows as long as somebody listens, sound begins anew behind it', () => {
  const player = new Player().run(500, pushes(20, 500)).run(4000);
  expect(player.buffer.droppedMs).toBe(0);
  expect(player.isSilent(700, 4000)).toBe(true);
  const resumedMs = player.nowMs;
  const delayMs = player.buffer.delayMs;
  player.run(
    4500,
    pushes(20, 500).map(({ atMs, ms }) => ({ atMs: resumedMs + atMs, ms })),
  );
  const gaps = player.pieces.slice(1).map(({ atMs }, index) => atMs - (player.pieces[index]?.atMs ?? 0));
  expect([Math.min(...gaps), Math.max(...gaps)]).toEqual([10, 10]);
  expect(player.isSilent(700, resumedMs + delayMs - 10)).toBe(true);
  expect(player.isSilent(resumedMs + delayMs - 10, resumedMs + delayMs + 10)).toBe(false);
  expect(player.buffer.droppedMs).toBe(0);
});

test('nothing is sent to nobody while the model pauses; who comes then gets silence at once', () => {
  const player = new Player(1, false).run(500, pushes(20, 500)).run(4000);
  expect(player.buffer.dueMs).toBeNull();
  expect(player.pieces.at(-1)?.atMs).toBeLessThan(1700);
  player.buffer.listen(4000, true);
  player.run(4500);
  expect(player.pieces.filter(({ atMs }) => atMs >= 4000)).toHaveLength(50);
  expect(player.isSilent(4000, 4500)).toBe(true);
});

test('sound that breaks off and sound that begins are faded: no step is larger than in the sine itself', () => {
  const player = new Player().run(300, [{ atMs: 0, ms: 47 }]);
  const all = player.pieces.flatMap(({ piece }) => [...piece.planes]);
  const steps = all.slice(1).map((sample, at) => Math.abs(sample - (all[at] ?? 0)));
  expect(Math.max(...steps)).toBeLessThan(((0.5 * (2 * Math.PI * 440)) / RATE) * 1.2);
  expect(Math.max(...all)).toBeGreaterThan(0.45);
});

test('a timer that is late catches up', () => {
  const player = new Player(1, false);
  player.push(1000);
  const { delayMs } = player.buffer;
  player.nowMs = delayMs;
  player.pull();
  expect(player.pieces).toHaveLength(1);
  player.nowMs = delayMs + 100;
  player.pull();
  expect(player.pieces).toHaveLength(11);
  // A machine that slept does not send its backlog in one go.
  player.nowMs = 5000;
  player.pull();
  expect(player.pieces).toHaveLength(12);
});

test('what is far too deep is cut down without a gap or a jump, and counted', () => {
  const player = new Player();
  player.push(600);
  player.run(40_000, pushes(20, 60_000));
  expect(player.buffer.bufferedMs).toBeLessThan(160);
  expect(player.buffer.droppedMs).toBeGreaterThan(400);
  expect(player.buffer.droppedMs).toBeLessThanOrEqual(600);
  const { hz, gapMs, unevenPlaces, largestStep } = player.tone(200);
  expect({ gapMs, unevenPlaces }).toEqual({ gapMs: 0, unevenPlaces: 0 });
  expect(Math.abs(hz - 440)).toBeLessThan(4.4);
  expect(largestStep).toBeLessThan(1.1);
});

test('a quiet stretch takes the whole excess, and so does nobody who listens, at once', () => {
  const quiet = pushes(20, 3000).map(({ atMs }) => ({ atMs: 6000 + atMs, ms: 20, volume: 0 }));
  const player = new Player();
  player.push(600);
  player.run(8000, pushes(20, 6000).concat(quiet));
  expect(player.buffer.bufferedMs).toBeLessThan(160);
  const unheard = new Player(1, false);
  unheard.push(600);
  unheard.run(3000, pushes(20, 4000));
  expect(unheard.buffer.bufferedMs).toBeLessThan(160);
});

test('sound given far ahead (a sentence at once) is not cut', () => {
  const player = new Player().run(100);
  player.push(3000);
  player.run(6000);
  expect(player.buffer.droppedMs).toBe(0);
  // Ten seconds in pieces of half a second, as fast as credit lets them come; each says when it is due.
  const buffer = new AudioBuffer(1);
  buffer.listen(0, true);
  let played = 0;
  for (let [nowMs, piece] = [0, 0]; nowMs < 12_000; nowMs += 10) {
    for (; piece < 20 && piece * 500 <= nowMs + 1500; piece += 1) {
      const samples = new Int16Array(24_000).fill(1000);
      buffer.push(nowMs, { seq: piece, captureUs: piece * 500_000, dueMs: piece * 500, samples });
    }
    for (const { planes } of buffer.pull(nowMs).pieces) played += planes.filter((each) => each > 0.01).length;
  }
  expect(buffer.droppedMs).toBe(0);
  // Played up to 0.8 % faster, and faded at both ends.
  expect(played / RATE).toBeGreaterThan(9.9);
});

describe('flush', () => {
  test('cuts what waits, without a click; what comes next begins as after a pause, and nothing counts as lost', () => {
    const player = new Player().run(600, [{ atMs: 0, ms: 2000 }]);
    expect(player.buffer.bufferedMs).toBeGreaterThan(1000);
    expect(player.buffer.flush()).toBe(0);
    player.run(1000);
    expect(player.isSilent(620, 1000)).toBe(true);
    player.push(1000);
    player.run(1600);
    expect(player.isSilent(1000, 1010)).toBe(true);
    expect(player.isSilent(1060, 1600)).toBe(false);
    expect(player.buffer.droppedMs).toBe(0);
    expect(player.tone().largestStep).toBeLessThan(1.05);
    expect(player.run(3000).acks).toEqual([1]);
  });

  test('and sound that follows at once is heard as a whole', () => {
    const player = new Player().run(605, [{ atMs: 0, ms: 2000 }]);
    player.buffer.flush();
    player.push(500);
    const from = player.nowMs;
    player.run(1200);
    expect(player.tone().largestStep).toBeLessThan(1.05);
    player.run(1300);
    const heard = player.pieces
      .filter(({ atMs }) => atMs >= from)
      .reduce(
        (sum, { piece }) => sum + piece.planes.reduce((energy, sample) => energy + sample * sample, 0),
        0,
      );
    // Of a sine of half the full scale, an eighth; the fades take a few milliseconds, and what was cut leaves a few.
    expect(heard / (0.125 * 0.5 * RATE)).toBeGreaterThan(0.98);
    expect(heard / (0.125 * 0.5 * RATE)).toBeLessThan(1.02);
    expect(player.acks.at(-1)).toBe(1);
  });

  test('before anything was heard, or in a pause, it only tells what to acknowledge', () => {
    const player = new Player();
    expect(player.buffer.flush()).toBeNull();
    player.push(500);
    expect(player.buffer.flush()).toBe(0);
    expect(player.run(1000).isSilent(0, 1000)).toBe(true);
  });
});

test('clear forgets everything and tells what was still to be acknowledged', () => {
  const player = new Player(1, false).run(100, pushes(20, 200));
  expect(player.buffer.clear()).toBe(4);
  expect(player.buffer.bufferedMs).toBe(0);
  expect(player.buffer.dueMs).toBeNull();
  expect(player.buffer.clear()).toBeNull();
});
