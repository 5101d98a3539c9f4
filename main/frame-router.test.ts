import { beforeEach, expect, test } from 'vitest';
import type { AudioMessage, VideoMessage } from '../protocol/media.ts';
import { FrameRouter } from './frame-router.ts';

const RING = { path: '/r', slot_bytes: 1000, slots: 2 };
let encoder: {
  isConnected: boolean;
  bufferedBytes: number;
  got: Uint8Array[];
  forward(bytes: Uint8Array): void;
};
let acks: unknown[];
let router: FrameRouter;

beforeEach(() => {
  encoder = {
    isConnected: true,
    bufferedBytes: 0,
    got: [],
    forward(bytes) {
      this.got.push(bytes);
    },
  };
  acks = [];
  router = new FrameRouter({
    encoder,
    model: { send: (header) => acks.push(header), forward: (bytes) => acks.push(bytes) },
  });
  router.begin(
    [
      { kind: 'video', name: 'v', fps: 30 },
      { kind: 'audio', name: 'a', sample_rate: 48_000, channels: 2 },
    ],
    RING,
  );
});

const video = (seq: number, change: Partial<VideoMessage> = {}): VideoMessage => ({
  type: 'video',
  track: 'v',
  seq,
  capture_us: 1,
  sent_us: 2,
  format: 'i420',
  width: 3,
  height: 3,
  coded_width: 4,
  coded_height: 4,
  dropped: 0,
  slot: null,
  bytes: 24,
  ...change,
});
const audio: AudioMessage = {
  type: 'audio',
  track: 'a',
  seq: 0,
  capture_us: 1,
  sent_us: 2,
  format: 's16',
  sample_rate: 48_000,
  channels: 2,
  samples: 10,
};
const bytes = Uint8Array.of(1, 2, 3);
const message = (payloadBytes: number) => ({ bytes, header: {}, payload: new Uint8Array(payloadBytes) });
const ack = (seq: number) => ({ type: 'ack', track: 'v', seq }) as const;

test('a picture is forwarded as the same bytes, its acknowledgement back too', () => {
  router.receive(video(0), message(24));
  expect(encoder.got).toEqual([bytes]);
  expect(encoder.got[0]).toBe(bytes);
  const back = Uint8Array.of(9);
  router.acknowledge(ack(0), { bytes: back });
  expect(acks).toEqual([back]);
  expect(router.counters().v).toMatchObject({ received: 1, forwarded: 1, discarded: 0 });
});

test('without an encoder page everything is acknowledged at once and counted', () => {
  encoder.isConnected = false;
  router.receive(video(0), message(24));
  router.receive(audio, message(40));
  expect(acks).toEqual([ack(0), { type: 'ack', track: 'a', seq: 0 }]);
  expect(router.counters()).toMatchObject({ v: { discarded: 1 }, a: { discarded: 1 } });
});

test('an encoder page that is lost gives back the credit of what it had', () => {
  router.receive(video(0), message(24));
  router.receive(video(1), message(24));
  encoder.isConnected = false;
  router.encoderLost();
  expect(acks).toEqual([ack(1)]);
  router.receive(video(2), message(24));
  expect(acks).toEqual([ack(1), ack(2)]);
});

test('a picture discarded behind one on the way is acknowledged after it', () => {
  router.receive(video(0), message(24));
  encoder.bufferedBytes = Number.MAX_SAFE_INTEGER;
  router.receive(video(1), message(24));
  expect(acks).toEqual([]);
  router.acknowledge(ack(0), { bytes });
  expect(acks).toEqual([ack(1)]);
});

test('an acknowledgement for the model before this one is swallowed', () => {
  router.receive(video(50), message(24));
  router.begin([{ kind: 'video', name: 'v', fps: 30 }], null);
  router.acknowledge(ack(50), { bytes });
  expect(acks).toEqual([]);
  expect(router.counters().v).toMatchObject({ received: 1 });
});

test('a picture in the ring has no payload', () => {
  router.receive(video(0, { slot: 1 }), message(0));
  expect(encoder.got).toHaveLength(1);
});

test.each<[string, VideoMessage | AudioMessage, number, string]>([
  ['an undeclared track', video(0, { track: 'x' }), 24, 'undeclared video track x'],
  ['a track of the other kind', video(0, { track: 'a' }), 24, 'undeclared video track a'],
  ['a short payload', video(0), 23, 'v: payload of 23 bytes, expected 24'],
  ['a wrong size', video(0, { bytes: 25 }), 25, 'v: 25 bytes for 4x4, expected 24'],
  ['more shown than coded', video(0, { width: 5 }), 24, 'v: 5x3 does not fit into 4x4'],
  ['a slot behind the ring', video(0, { slot: 2 }), 0, 'in slot 2 of a ring of 2'],
  ['a payload beside a slot', video(0, { slot: 0 }), 24, 'a payload beside a ring slot'],
  ['sound of another length', audio, 39, 'a: payload of 39 bytes, expected 40'],
])('%s is refused', (_, header, payloadBytes, problem) => {
  expect(() => router.receive(header, message(payloadBytes))).toThrow(problem);
  expect(encoder.got).toEqual([]);
});

test('a flush goes the way of sound, behind what was sent before; of another track it is refused', () => {
  router.receive(audio, message(audio.samples * audio.channels * 2));
  const flush = Uint8Array.of(9);
  router.flush({ type: 'flush', track: 'a' }, { bytes: flush });
  expect(encoder.got).toEqual([bytes, flush]);
  for (const track of ['v', 'b']) {
    expect(() => router.flush({ type: 'flush', track }, { bytes })).toThrow(
      expect.objectContaining({ code: 'bad-message' }),
    );
  }
});

test('a slot without a ring is refused', () => {
  router.begin([{ kind: 'video', name: 'v', fps: 30 }], null);
  expect(() => router.receive(video(0, { slot: 0 }), message(0))).toThrow('no ring was agreed');
});
