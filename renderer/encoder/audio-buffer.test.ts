import { describe, expect, test } from 'vitest';
import { AudioBuffer, PIECE_SAMPLES, type SoundPiece } from './audio-buffer.ts';

const RATE = 48_000;

/** A player with its own clock: pushes at given times, pulls every millisecond like a timer that may be late. */
class Player {
  readonly buffer: AudioBuffer;
  readonly pieces: { atMs: number; piece: SoundPiece }[] = [];
  readonly acks: number[] = [];
  #seq = 0;
  #sample = 0;
  nowMs = 0;

  constructor(readonly channels: 1 | 2 = 1) {
    this.buffer = new AudioBuffer(channels);
  }

  /** A 440 Hz sine that goes on from one call to the next. */
  push(ms: number, volume = 0.5): void {
    const samples = new Int16Array(Math.round((ms * RATE) / 1000) * this.channels);
    for (let at = 0; at < samples.length / this.channels; at += 1) {
      const value = Math.round(32_767 * volume * Math.sin((2 * Math.PI * 440 * (this.#sample + at)) / RATE));
      for (let channel = 0; channel < this.channels; channel += 1) {
        samples[at * this.channels + channel] = channel === 0 ? value : -value;
      }
    }
    const captureUs = 7_000_000 + Math.round((this.#sample * 1e6) / RATE);
    this.#sample += samples.length / this.channels;
    this.buffer.push(this.nowMs, { seq: this.#seq++, captureUs, samples });
  }

  /** Runs to `toMs`; `events` are pushes by time. */
  run(toMs: number, events: readonly { atMs: number; ms: number; volume?: number }[] = []): void {
    const waiting = [...events];
    for (; this.nowMs < toMs; this.nowMs += 1) {
      while (waiting[0] && waiting[0].atMs <= this.nowMs) {
        const { ms, volume } = waiting.shift() ?? { ms: 0 };
        this.push(ms, volume);
      }
      this.pull();
    }
  }

  pull(): void {
    const { pieces, ackSeq } = this.buffer.pull(this.nowMs);
    for (const piece of pieces) this.pieces.push({ atMs: this.nowMs, piece });
    if (ackSeq !== null) this.acks.push(ackSeq);
  }

  /** Samples of silence of over 1 ms inside what was played. */
  silentSamples(): number {
    let [count, run] = [0, 0];
    for (const { piece } of this.pieces) {
      for (const sample of piece.planes.subarray(0, PIECE_SAMPLES)) {
        run = Math.abs(sample) < 1e-4 ? run + 1 : 0;
        if (run === 48) count += 48;
        else if (run > 48) count += 1;
      }
    }
    return count;
  }
}

/** Pushes of `everyMs` each, evenly, from 0 to `untilMs`, each late by what `lateMs` says. */
function pushes(everyMs: number, untilMs: number, lateMs: (index: number) => number = () => 0) {
  const count = Math.floor(untilMs / everyMs);
  return Array.from({ length: count }, (_, index) => ({
    atMs: Math.round(index * everyMs + lateMs(index)),
    ms: everyMs,
  }));
}

describe('sound that comes in time plays without a gap, in even pieces of 10 ms', () => {
  test.each([
    ['10 ms pieces', 10, () => 0],
    ['33 ms pieces', 100 / 3, () => 0],
    ['33 ms pieces, up to 15 ms late', 100 / 3, (index: number) => (index * 7) % 15],
    ['bursts of 0.5 s', 500, () => 0],
    ['bursts of 0.5 s, up to 40 ms late', 500, (index: number) => (index % 3) * 20],
    ['bursts of 1 s', 1000, () => 0],
    ['bursts of 1 s, up to 90 ms late', 1000, (index: number) => (index % 2) * 90],
  ])('%s', (_name, everyMs, lateMs) => {
    const player = new Player();
    player.run(8000, pushes(everyMs, 10_000, lateMs));
    expect(player.silentSamples()).toBe(0);
    expect(player.buffer.droppedMs).toBe(0);
    const gaps = player.pieces.slice(1).map(({ atMs }, index) => atMs - (player.pieces[index]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBe(10);
    expect(Math.max(...gaps)).toBe(10);
  });
});

test('samples come out as they went in, channel by channel, with stamps of the capture clock', () => {
  const player = new Player(2);
  player.run(200, pushes(100 / 3, 400));
  const { planes, timestampUs } = player.pieces[5]?.piece ?? { planes: new Float32Array(), timestampUs: 0 };
  expect(timestampUs).toBe(7_050_000);
  const expected = (at: number) => 0.5 * Math.sin((2 * Math.PI * 440 * (5 * PIECE_SAMPLES + at)) / RATE);
  for (let at = 0; at < PIECE_SAMPLES; at += 1) {
    expect(planes[at]).toBeCloseTo(expected(at), 3);
    expect(planes[PIECE_SAMPLES + at]).toBeCloseTo(-expected(at), 3);
  }
});

test('a message is acknowledged when its last sample is played out', () => {
  const player = new Player();
  player.run(1000, [
    { atMs: 0, ms: 25 },
    { atMs: 1, ms: 25 },
    { atMs: 2, ms: 50 },
  ]);
  expect(player.acks).toEqual([0, 1, 2]);
  const buffer = new AudioBuffer(1);
  buffer.push(0, { seq: 4, captureUs: 0, samples: new Int16Array(480 * 3) });
  expect([30, 40, 50].map((nowMs) => buffer.pull(nowMs).ackSeq)).toEqual([null, null, 4]);
});

test('one late piece: the silence is counted, and the buffer is then deep enough for the next', () => {
  const player = new Player();
  const late = pushes(20, 4000).map((push, index) => (index < 50 ? push : { ...push, atMs: push.atMs + 60 }));
  player.run(3000, late);
  const { droppedMs } = player.buffer;
  expect(droppedMs).toBeGreaterThan(0);
  expect(droppedMs).toBeLessThanOrEqual(60);
  expect(player.silentSamples()).toBeGreaterThan(0);
  expect(player.buffer.targetMs).toBeGreaterThan(30);
  const again = pushes(20, 2000).map(({ atMs, ms }, index) => ({
    atMs: 4060 + atMs + (index === 50 ? 15 : 0),
    ms,
  }));
  player.run(4000, []);
  player.run(6000, again);
  expect(player.buffer.droppedMs).toBe(droppedMs);
});

test('a pause of the model is no loss: silence ends after a second, sound begins anew after the target', () => {
  const player = new Player();
  player.run(500, pushes(20, 500));
  player.run(4000);
  expect(player.buffer.dueMs).toBeNull();
  expect(player.buffer.droppedMs).toBe(0);
  const last = player.pieces.at(-1)?.atMs ?? 0;
  expect(last).toBeGreaterThan(1400);
  expect(last).toBeLessThan(1700);
  player.run(
    4500,
    pushes(20, 500).map(({ atMs, ms }) => ({ atMs: atMs + 4000, ms })),
  );
  const resumed = player.pieces.find(({ atMs }) => atMs > 3000)?.atMs ?? 0;
  expect(resumed).toBe(4000 + player.buffer.targetMs);
  expect(player.buffer.droppedMs).toBe(0);
});

test('sound that breaks off and sound that begins are faded: no step is larger than in the sine itself', () => {
  const player = new Player();
  player.run(300, [{ atMs: 0, ms: 47 }]);
  const all = player.pieces.flatMap(({ piece }) => [...piece.planes]);
  const steps = all.slice(1).map((sample, at) => Math.abs(sample - (all[at] ?? 0)));
  expect(Math.max(...steps)).toBeLessThan(((0.5 * (2 * Math.PI * 440)) / RATE) * 1.2);
});

test('a timer that is late catches up', () => {
  const player = new Player();
  player.push(1000);
  player.nowMs = 100;
  player.pull();
  expect(player.pieces).toHaveLength(1);
  player.nowMs = 200;
  player.pull();
  expect(player.pieces).toHaveLength(11);
  // A machine that slept does not send its backlog in one go.
  player.nowMs = 5000;
  player.pull();
  expect(player.pieces).toHaveLength(12);
});

test('a standing excess is cut down slowly, counted, without a gap', () => {
  const player = new Player();
  player.push(600);
  player.run(40_000, pushes(20, 60_000));
  // The target after a burst of 600 ms, 100 ms, and what is tolerated above it.
  expect(player.buffer.bufferedMs).toBeLessThanOrEqual(100 + 60);
  expect(player.buffer.droppedMs).toBeGreaterThan(400);
  expect(player.buffer.droppedMs).toBeLessThanOrEqual(600);
  expect(player.silentSamples()).toBe(0);
});

test('a quiet stretch takes the whole excess at once', () => {
  const player = new Player();
  player.push(600);
  player.run(
    8000,
    pushes(20, 6000).concat(pushes(20, 3000).map(({ atMs }) => ({ atMs: 6000 + atMs, ms: 20, volume: 0 }))),
  );
  // The target after a burst of 600 ms, 100 ms, and what is tolerated above it.
  expect(player.buffer.bufferedMs).toBeLessThanOrEqual(100 + 60);
});

test('sound given far ahead (a sentence at once) is not cut', () => {
  const player = new Player();
  player.push(3000);
  player.run(6000);
  expect(player.buffer.droppedMs).toBe(0);
  expect(player.buffer.playedMs).toBeCloseTo(3000);
});

test('clear forgets everything and tells what was still to be acknowledged', () => {
  const player = new Player();
  player.run(100, pushes(20, 200));
  expect(player.buffer.clear()).toBe(4);
  expect(player.buffer.bufferedMs).toBe(0);
  expect(player.buffer.dueMs).toBeNull();
  expect(player.buffer.clear()).toBeNull();
});
