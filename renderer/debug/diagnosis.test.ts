import { expect, test } from 'vitest';
import type { HostSnapshot, HostStats } from '../viewer/host-snapshot.ts';
import { diagnose, type Facts } from './diagnosis.ts';
import type { Sample } from './sample-window.ts';

type Viewer = HostStats['viewers'][number];
type Sender = Viewer['senders'][number];
type SharedEncoder = NonNullable<HostStats['shared_encoders']>[number];

const spread = (p50: number) => ({ p50, p95: p50 * 2, p99: p50 * 3 });

function sender(change: Partial<Sender> = {}): Sender {
  return {
    name: 'main_video',
    kind: 'video',
    codec: 'VP9',
    implementation: 'libvpx',
    width: 1920,
    height: 1080,
    fps: 30,
    bitrate_bps: 4e6,
    target_bitrate_bps: 4e6,
    encode_ms: 20,
    send_delay_ms: 1,
    frames_encoded: 1000,
    key_frames: 1,
    packets_sent: 10_000,
    packets_lost: 0,
    retransmitted_packets: 0,
    nack_count: 0,
    pli_count: 0,
    quality_limitation: null,
    encoder: 'shared',
    encoder_reason: 'the better one',
    ...change,
  };
}

function viewer(id: string, change: Partial<Viewer> = {}): Viewer {
  return {
    viewer_id: id,
    client_id: `client-of-${id}`,
    state: 'connected',
    available_outgoing_bitrate_bps: 6e6,
    round_trip_time_ms: 5,
    senders: [sender()],
    ...change,
  };
}

function encoder(change: Partial<SharedEncoder> = {}): SharedEncoder {
  return {
    track: 'main_video',
    codec: 'vp9',
    rung: 1,
    viewers: 1,
    implementation: 'hardware',
    width: 1920,
    height: 1080,
    fps: 30,
    target_bitrate_bps: 4e6,
    bitrate_bps: 4e6,
    encode_ms: spread(12),
    queue_ms: spread(1),
    hand_over_ms: spread(2),
    encoded: 300,
    skipped: 0,
    dropped: 0,
    key_frames: 1,
    reconfigured: 0,
    ...change,
  };
}

/** Ten seconds of a host that does well: 30 pictures a second, one viewer, nothing lost. */
function well(): Facts & { now: Sample; before: Sample } {
  const stats = (seconds: number): HostStats => ({
    time_ms: 1000 * seconds,
    started_ms: 0,
    version: '0',
    engine: 'chromium',
    ready: true,
    routed: {},
    model: { state: 'running', restarts: 0, steps: 30 * seconds, step_ms: 20, convert_ms: 1, ring: null },
    encoder_page_openings: 1,
    engine_starts: 1,
    commands: { run: 0, failed: 0, waiting: 0 },
    processes: [],
    collect_ms: { page: 1, host: 1 },
    event_loop_delay_ms: { p50: 0, p99: 2, max: 5 },
    tracks: [
      {
        name: 'main_video',
        kind: 'video',
        received: 30 * seconds,
        written: 30 * seconds,
        dropped: 0,
        repeated: 0,
        width: 1920,
        height: 1080,
        fps: 30,
        hand_over_ms: spread(3),
        buffered_ms: null,
      },
      {
        name: 'main_audio',
        kind: 'audio',
        received: 50 * seconds,
        written: 1000 * seconds,
        dropped: 0,
        repeated: 0,
        width: null,
        height: null,
        fps: null,
        hand_over_ms: null,
        buffered_ms: 40,
      },
    ],
    viewers: [
      viewer('aaaa', {
        senders: [
          sender({
            packets_sent: 500 * seconds,
            packets_lost: 0,
            pli_count: 0,
            frames_encoded: 30 * seconds,
          }),
        ],
      }),
    ],
    shared_encoders: [encoder({ encoded: 30 * seconds })],
    load_scale: 1,
  });
  const snapshot: HostSnapshot = {
    model: { state: 'running', name: 'Test' },
    encoder: { connected: true, generation: 1 },
    tracks: [
      { kind: 'video', name: 'main_video', fps: 30 },
      { kind: 'audio', name: 'main_audio', sample_rate: 48_000, channels: 2 },
    ],
    viewers: 1,
  };
  return {
    snapshot,
    now: { time_ms: 20_000, stats: stats(20) },
    before: { time_ms: 10_000, stats: stats(10) },
  };
}

type Well = ReturnType<typeof well>;
const one = <T>(list: readonly T[] | undefined): T => list?.[0] as T;

test('of a host that does well there is nothing to say', () => {
  expect(diagnose(well())).toEqual([]);
});

test('an estimate that was never needed to rise is no narrow link', () => {
  const facts = well();
  facts.now.stats.viewers.push(viewer('bbbb', { available_outgoing_bitrate_bps: 20e6 }));
  expect(diagnose(facts)).toEqual([]);
});

test.each<[what: string, change: (facts: Well) => void, tone: string, title: RegExp, hint: RegExp]>([
  [
    'a slow encoder',
    ({ now }) => Object.assign(one(now.stats.shared_encoders), { encode_ms: spread(41) }),
    'slow',
    /^main_video: the encoder is the bottleneck: 41 ms a frame at VP9 1080p$/,
    /try H\.264/,
  ],
  [
    'an encoder that leaves pictures out',
    ({ now }) => Object.assign(one(now.stats.shared_encoders), { skipped: 100 }),
    'slow',
    /bottleneck: 12 ms a frame at VP9 1080p, 25 % of the pictures left out/,
    /try H\.264/,
  ],
  [
    'the fastest encoder is slow, too',
    ({ now, before }) => {
      for (const { stats } of [now, before])
        Object.assign(one(stats.shared_encoders), {
          codec: 'h264',
          encode_ms: spread(50),
          width: 800,
          height: 500,
        });
    },
    'slow',
    /50 ms a frame at H\.264 800×500/,
    /smaller picture/,
  ],
  [
    'a slow model',
    ({ now }) => {
      Object.assign(one(now.stats.tracks), { received: 300 + 120 });
      now.stats.model.step_ms = 83;
    },
    'slow',
    /^main_video: the model yields 12 fps, declared 30$/,
    /^a step takes 83 ms where 33 ms are there: make it faster, or declare 12 fps$/,
  ],
  [
    'a model that is kept from its steps',
    ({ now }) => {
      Object.assign(one(now.stats.tracks), { received: 300 + 240 });
      now.stats.model.step_ms = 31;
    },
    'slow',
    /^main_video: the model yields 24 fps, declared 30$/,
    /^a step takes 31 ms and 33 ms are there: .* between steps/,
  ],
  [
    'a model that yields nothing',
    ({ now }) => Object.assign(one(now.stats.tracks), { received: 300 }),
    'slow',
    /^main_video: the model yields no pictures$/,
    /generate\(\)/,
  ],
  [
    'a narrow link beside a wide one',
    ({ now }) =>
      now.stats.viewers.push(
        viewer('bbbb', {
          available_outgoing_bitrate_bps: 0.8e6,
          senders: [sender({ target_bitrate_bps: 0.6e6 })],
        }),
      ),
    'slow',
    /^link limits viewer bbbb to 800 kbps$/,
    /network/,
  ],
  [
    'a picture that a link made smaller',
    ({ now }) => {
      one(now.stats.viewers).available_outgoing_bitrate_bps = 0.4e6;
      Object.assign(one(one(now.stats.viewers).senders), { width: 640, height: 360 });
    },
    'slow',
    /^link limits viewer aaaa to 400 kbps, sent at 640×360$/,
    /network/,
  ],
  [
    'a cap, which is not the link',
    ({ now }) => {
      one(now.stats.viewers).bitrate_cap_bps = 500_000;
      Object.assign(one(one(now.stats.viewers).senders), { width: 640, height: 360 });
    },
    'note',
    /^an operator limits viewer aaaa to 500 kbps$/,
    /no cap/,
  ],
  [
    'loss',
    ({ now }) => Object.assign(one(one(now.stats.viewers).senders), { packets_lost: 250 }),
    'slow',
    /^viewer aaaa loses 5\.0 % of its packets$/,
    /sent again/,
  ],
  [
    'a viewer who asks for key frames',
    ({ now }) => Object.assign(one(one(now.stats.viewers).senders), { pli_count: 20 }),
    'slow',
    /^viewer aaaa asks for 2 key frames a second$/,
    /codec/,
  ],
  [
    'a long way',
    ({ now }) => Object.assign(one(now.stats.viewers), { round_trip_time_ms: 400 }),
    'slow',
    /400 ms away/,
    /half/,
  ],
  [
    'a viewer that is cut off',
    ({ now }) => Object.assign(one(now.stats.viewers), { state: 'disconnected' }),
    'wrong',
    /^viewer aaaa does not answer$/,
    /15 s/,
  ],
  [
    'software',
    ({ now }) =>
      Object.assign(one(now.stats.shared_encoders), {
        implementation: 'software',
        hardware_reason: 'Chromium has none here',
      }),
    'note',
    /^hardware encode of VP9 is off because Chromium has none here$/,
    /doctor/,
  ],
  [
    'an encoder of its own',
    ({ now }) =>
      Object.assign(one(one(now.stats.viewers).senders), { encoder: 'native', encoder_reason: 'it failed' }),
    'note',
    /encoder of its own for main_video: it failed/,
    /costs/,
  ],
  [
    'a queue before the encoder',
    ({ now }) => Object.assign(one(now.stats.shared_encoders), { queue_ms: spread(80) }),
    'slow',
    /pictures wait 80 ms for the VP9 encoder/,
    /busy/,
  ],
  [
    'a slow way into the page',
    ({ now }) => Object.assign(one(now.stats.shared_encoders), { hand_over_ms: spread(90) }),
    'slow',
    /90 ms from the model to the encoder page/,
    /another machine/,
  ],
  [
    'a machine that does not keep up',
    ({ now }) => {
      now.stats.load_scale = 0.5;
      // For which the encoders make smaller pictures; it is not the link.
      Object.assign(one(one(now.stats.viewers).senders), { width: 640, height: 360 });
    },
    'slow',
    /50 % of the usual bitrate/,
    /cores/,
  ],
  [
    'sound that comes too late',
    ({ now }) => Object.assign(now.stats.tracks[1] as object, { dropped: 2000 }),
    'slow',
    /main_audio: 200 ms of each second are silence/,
    /faster/,
  ],
  [
    'sound that waits',
    ({ now }) => Object.assign(now.stats.tracks[1] as object, { buffered_ms: 1500 }),
    'note',
    /main_audio: 1500 ms of sound wait/,
    /latency/,
  ],
  [
    'a host that is late',
    ({ now }) => Object.assign(now.stats.event_loop_delay_ms, { p99: 120 }),
    'slow',
    /^the host itself is late by up to 120 ms$/,
    /busy/,
  ],
  [
    'a model that was restarted',
    ({ now }) => Object.assign(now.stats.model, { restarts: 2 }),
    'note',
    /^the model crashed and was started again 2 times$/,
    /log/,
  ],
  [
    'no encoder page',
    ({ snapshot }) => Object.assign(snapshot.encoder, { connected: false }),
    'wrong',
    /encoder page is not connected/,
    /by itself/,
  ],
  [
    'a model that crashed',
    ({ snapshot }) =>
      Object.assign(snapshot.model, {
        state: 'crashed',
        error: { code: 'x', message: 'load() raised', hint: 'mend it' },
      }),
    'wrong',
    /^the model: load\(\) raised$/,
    /^mend it$/,
  ],
])('%s', (_what, change, tone, title, hint) => {
  const facts = well();
  change(facts);
  const found = diagnose(facts);
  expect(found).toHaveLength(1);
  expect(found[0]).toEqual({ tone, title: expect.stringMatching(title), hint: expect.stringMatching(hint) });
});

test('while nobody watches, the model rests, and is not called slow', () => {
  const facts = well();
  facts.snapshot.model.state = 'idle';
  for (const { stats } of [facts.now, facts.before]) stats.viewers = [viewer('eeee', { observer: true })];
  Object.assign(one(facts.now.stats.tracks), { received: 300 });
  expect(diagnose(facts)).toEqual([
    { tone: 'note', title: expect.stringMatching(/rests: nobody watches/), hint: expect.any(String) },
  ]);
});

test('the worst comes first, and without a sample of before nothing is guessed', () => {
  const facts = well();
  Object.assign(one(facts.now.stats.tracks), { received: 0 });
  facts.now.stats.load_scale = 0.5;
  facts.snapshot.encoder.connected = false;
  one(facts.now.stats.viewers).bitrate_cap_bps = 500_000;
  const found = diagnose({ ...facts, before: undefined });
  expect(found.map(({ tone }) => tone)).toEqual(['wrong', 'slow', 'note']);
});

test('a picture that grows back after the machine was busy is not held against the link', () => {
  const facts = well();
  Object.assign(one(one(facts.now.stats.viewers).senders), { width: 640, height: 360 });
  const ofLink = () => diagnose(facts).filter(({ title }) => title.startsWith('link limits'));
  expect(ofLink()).toHaveLength(1);
  if (facts.before) facts.before.stats.load_scale = 0.5;
  expect(ofLink()).toEqual([]);
});
