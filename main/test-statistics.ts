import type { ModelStats } from '../protocol/model.ts';
import type { EncoderStats } from '../protocol/stats.ts';
import type { CommandEnd } from './commands.ts';
import type { RunningProcess } from './process-usage.ts';
import { Signal } from './signal.ts';
import { Statistics } from './statistics.ts';

/** Statistics whose sources a test holds: what page and model report is given by hand. */
export function startStatistics(engineProcesses: RunningProcess[] = []) {
  const page = new Signal<[EncoderStats]>();
  const model = { stats: new Signal<[ModelStats]>(), disconnected: new Signal<[]>() };
  const commands = { settled: new Signal<[CommandEnd]>(), waiting: 0 };
  const viewers = new Map(['first-viewer-0', 'second-viewer-'].map((id) => [id, { id, clientId: 'c11e47' }]));
  const clock = { nowMs: 0 };
  const statistics = new Statistics({
    engine: { name: 'chromium', processes: async () => engineProcesses },
    engineStarts: () => 1,
    state: {
      ready: true,
      snapshot: { model: { state: 'running', restarts: 2 }, encoder: { generation: 3 } },
    } as never,
    router: {
      counters: () => ({
        main_video: { kind: 'video', received: 300, forwarded: 299, discarded: 1, dropped: 4 },
        main_audio: { kind: 'audio', received: 50, forwarded: 50, discarded: 0, dropped: 0 },
      }),
    },
    viewers: { get: (id: string) => viewers.get(id) as never },
    commands,
    model,
    encoder: { stats: page },
    nowMs: () => clock.nowMs,
  });
  return { statistics, page, model, commands, viewers, clock };
}

/** A report of the encoder page about these viewers, with a value in every field. */
export function pageReport(viewerIds: readonly string[]): EncoderStats {
  const spread = { p50: 1, p95: 2, p99: 3 };
  return {
    type: 'encoder-stats',
    tracks: [
      {
        name: 'main_video',
        kind: 'video',
        received: 299,
        written: 290,
        dropped: 9,
        failed: 2,
        repeated: 1,
        width: 1280,
        height: 720,
        fps: 30,
        hand_over_ms: spread,
        buffered_ms: null,
      },
      {
        name: 'main_audio',
        kind: 'audio',
        received: 50,
        written: 5000,
        dropped: 20,
        repeated: 0,
        width: null,
        height: null,
        fps: null,
        hand_over_ms: null,
        buffered_ms: 40,
      },
    ],
    viewers: viewerIds.map((viewer_id) => ({
      viewer_id,
      state: 'connected',
      available_outgoing_bitrate_bps: 8_000_000,
      round_trip_time_ms: 12,
      channel: { open: true, received: 3, refused: 1, sent: 20, dropped: 2, waiting: 0 },
      senders: (['video', 'audio'] as const).map((kind) => ({
        name: `main_${kind}`,
        kind,
        codec: kind === 'video' ? 'VP9' : 'opus',
        implementation: kind === 'video' ? 'libvpx' : null,
        width: 1280,
        height: 720,
        fps: 30,
        bitrate_bps: 4_000_000,
        target_bitrate_bps: 4_400_000,
        encode_ms: 9,
        send_delay_ms: 2,
        frames_encoded: 290,
        key_frames: 2,
        packets_sent: 4500,
        bytes_sent: 5_000_000,
        packets_lost: 7,
        retransmitted_packets: 6,
        retransmitted_bytes: 7200,
        nack_count: 5,
        pli_count: 1,
        fir_count: 0,
        round_trip_time_ms: 13,
        jitter_ms: 1.5,
        fraction_lost: 0.25,
        quality_limitation: 'bandwidth',
        quality_limitation_s: { none: 3, bandwidth: 7 },
        encoder: 'shared' as const,
        sharing: {
          rung: 4,
          sent: 280,
          skipped: 10,
          stand_ins_lost: 0,
          stand_ins_late: 0,
          restarts: 0,
          key_frames_asked: 1,
          waiting: { units: 0, held: 0, written: 0 },
          wait_ms: spread,
        },
        receiver: {
          fps: 29,
          latency_ms: 45,
          processing_ms: 9,
          frames_dropped: 1,
          freezes: 0,
          concealed: 0.02,
        },
        paused: false,
      })),
    })),
    shared_encoders: [11, 4].map((rung) => ({
      track: 'main_video',
      codec: 'vp9' as const,
      rung,
      viewers: 1,
      implementation: 'software' as const,
      encoder_name: 'libvpx',
      width: 1280,
      height: 720,
      fps: 30,
      target_bitrate_bps: 400_000 * rung,
      bitrate_bps: 350_000 * rung,
      encode_ms: spread,
      pictures: [
        {
          capture_us: 1,
          convert_ms: 0.7,
          hand_over_ms: 3,
          queue_ms: 0.2,
          encode_ms: 9,
          key: false,
          bytes: 9000,
          send_ms: null,
        },
      ],
      encoded: 290,
      skipped: 3,
      dropped: 1,
      key_frames: 2,
      reconfigured: 0,
    })),
    load_scale: 0.75,
    collect_ms: 3,
  };
}
