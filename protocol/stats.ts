import { z } from 'zod';
import { videoCodec } from './hello.ts';
import { trackName } from './track.ts';
import { viewerId } from './viewer.ts';

const count = z.number().min(0);
const optional = z.number().nullable();

/** A median and two high percentiles, in milliseconds. */
export const spreadMs = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });
export type SpreadMs = z.infer<typeof spreadMs>;

/** One track in the encoder page, all viewers together. Counters are since the page began. */
export const trackStats = z.object({
  name: trackName,
  kind: z.enum(['video', 'audio']),
  /** Pictures or audio messages received. */
  received: count,
  /** Pictures written to the generator, or milliseconds of sound. */
  written: count,
  /** Pictures dropped here because a newer one came first; for audio, milliseconds of silence filled in. */
  dropped: count,
  /** Of `dropped`, pictures that could not be read or written. */
  failed: count.optional(),
  /** Pictures written again for a new viewer or while the model is idle. */
  repeated: count,
  width: optional,
  height: optional,
  fps: optional,
  /** Yielded by the model until written to the generator, over the last seconds; null until the clocks are matched. */
  hand_over_ms: spreadMs.nullable(),
  /** Audio only: sound waiting to be played out. */
  buffered_ms: optional,
});
export type TrackStats = z.infer<typeof trackStats>;

/** How one viewer gets the shared encoder's access units (stand-in-matcher.ts). Counters are since it got the first. */
export const sharingStats = z.object({
  rung: count.nullable(),
  sent: count,
  /** Not sent to this viewer: before its first key frame, superseded by one, or given up. */
  skipped: count,
  stand_ins_lost: count,
  stand_ins_late: count,
  /** Times that everything waiting was given up. */
  restarts: count,
  key_frames_asked: count,
  /** Access units, stand-ins at hand and stand-ins on the way at this moment. */
  waiting: z.object({ units: count, held: count, written: count }),
  /** The access unit was there until it was sent. */
  wait_ms: spreadMs.nullable(),
});
export type SharingStats = z.infer<typeof sharingStats>;

/**
 * What only the receiver of a track knows, as our viewer page reports it; null where its browser does not tell. WebRTC itself
 * tells the sender of loss, jitter and round-trip time alone.
 */
export const receiverStats = z.object({
  /** Pictures decoded a second. */
  fps: optional,
  /** Yielded by the model until shown: measured, but for half of the round trip. */
  latency_ms: optional,
  /** First packet of a picture there until decoded: jitter buffer and decoder, the mean of the last second. */
  processing_ms: optional,
  /** Since the connection began: pictures decoded too late or not at all, and freezes (RTCInboundRtpStreamStats.freezeCount). */
  frames_dropped: optional,
  freezes: optional,
  /** Sound: share of the last second that was invented for what did not come, 0 to 1. */
  concealed: optional,
});
export type ReceiverStats = z.infer<typeof receiverStats>;

/** One outgoing RTP stream of one viewer, from RTCOutboundRtpStreamStats and its remote-inbound pair. */
export const senderStats = z.object({
  name: trackName,
  kind: z.enum(['video', 'audio']),
  codec: z.string(),
  /** The encoder's name, such as `libvpx`; null while it is not known. */
  implementation: z.string().nullable(),
  /** Video: is it a hardware encoder, and if not, why. */
  hardware: z.boolean().nullable().optional(),
  hardware_reason: z.string().max(500).optional(),
  width: optional,
  height: optional,
  fps: optional,
  bitrate_bps: optional,
  target_bitrate_bps: optional,
  encode_ms: optional,
  send_delay_ms: optional,
  /** Pictures of its own encoder; with a shared one, of its stand-in. */
  frames_encoded: optional,
  key_frames: optional,
  packets_sent: optional,
  /** Without packet headers and padding. */
  bytes_sent: optional.optional(),
  packets_lost: optional,
  retransmitted_packets: optional,
  retransmitted_bytes: optional.optional(),
  nack_count: optional,
  pli_count: optional,
  fir_count: optional.optional(),
  /** As the viewer's last RTCP receiver report tells. */
  round_trip_time_ms: optional.optional(),
  jitter_ms: optional.optional(),
  /** Of the packets since the report before it, 0 to 1. */
  fraction_lost: optional.optional(),
  quality_limitation: z.string().nullable(),
  /** How long each reason has held, in seconds since the start (`none`, `cpu`, `bandwidth`, `other`). */
  quality_limitation_s: z.record(z.string().max(32), z.number().min(0)).optional(),
  /** Video: who encodes, and why it is so chosen (renderer/encoder/shared/choose-media.ts). */
  encoder: z.enum(['shared', 'native']).optional(),
  encoder_reason: z.string().max(500).optional(),
  sharing: sharingStats.optional(),
  receiver: receiverStats.optional(),
  /** By the viewer's wish (`pause_track`): nothing is sent, and nothing encoded for it. */
  paused: z.boolean().optional(),
});
export type SenderStats = z.infer<typeof senderStats>;

/** A viewer's data channel. Counters are since its connection began. */
export const channelStats = z.object({
  open: z.boolean(),
  received: count,
  /** Of these, answered with an error instead of being passed on: too many, too large, malformed. */
  refused: count,
  sent: count,
  /** Not sent, because the viewer does not keep up or could not take it. */
  dropped: count,
  /** To be sent when the link takes it. */
  waiting: count,
});
export type ChannelStats = z.infer<typeof channelStats>;

export const viewerStats = z.object({
  viewer_id: viewerId,
  state: z.string(),
  available_outgoing_bitrate_bps: optional,
  round_trip_time_ms: optional,
  /** The most that an operator allows it; missing where nobody has set one. */
  bitrate_cap_bps: count.optional(),
  /** It looks on, as the debug page does: none of the model's clients. */
  observer: z.boolean().optional(),
  senders: z.array(senderStats),
  channel: channelStats.optional(),
});
export type ViewerStats = z.infer<typeof viewerStats>;

/**
 * What one picture took in the host, in milliseconds. Each stage begins where the one before ends, so their sum is the time
 * from the model's `yield` until the picture's bytes are in the viewers' senders.
 */
export const pictureStages = z.object({
  /** `videoMessage.capture_us`. */
  capture_us: z.int().min(0),
  /** Yielded by the model until handed to the socket: checked, RGB to I420. */
  convert_ms: z.number(),
  /** ... until the encoder page had it and could pass it on; null until the clocks are matched. */
  hand_over_ms: optional,
  /** ... until the encoder took it: the way into the worker, and the picture before it. */
  queue_ms: z.number(),
  encode_ms: z.number(),
  /** Of the access unit. */
  key: z.boolean(),
  bytes: z.int().min(0),
  /** Access unit there until in the last viewer's sender, for which it needs a stand-in; null where nobody was sent it. */
  send_ms: optional,
});
export type PictureStages = z.infer<typeof pictureStages>;

/** One shared encoder: a track, codec and rung whose access units go to several viewers. Counters are since it began. */
export const sharedEncoderStats = z.object({
  track: trackName,
  codec: videoCodec,
  /** Tells the encoders of one track and codec apart. */
  rung: count,
  viewers: count,
  implementation: z.enum(['hardware', 'software']),
  /** Of the software encoder, or of the system's interface to hardware. */
  encoder_name: z.string().max(64).optional(),
  /** Why it is not hardware. */
  hardware_reason: z.string().max(500).optional(),
  width: optional,
  height: optional,
  fps: optional,
  target_bitrate_bps: count,
  /** What came out of it, over the last second. */
  bitrate_bps: optional,
  /** Handed to the encoder until the access unit was there. This and the next four: `pictureStages` of the last seconds. */
  encode_ms: spreadMs.nullable(),
  convert_ms: spreadMs.nullable().optional(),
  hand_over_ms: spreadMs.nullable().optional(),
  queue_ms: spreadMs.nullable().optional(),
  send_ms: spreadMs.nullable().optional(),
  /** The pictures of the last second one by one; told on `GET /events?pictures=1` only. */
  pictures: z.array(pictureStages).optional(),
  encoded: count,
  /** Pictures closed because a newer one came while the encoder was busy. */
  skipped: count,
  /** Pictures that the encoder took and made nothing of. */
  dropped: count,
  key_frames: count,
  reconfigured: count,
});
export type SharedEncoderStats = z.infer<typeof sharedEncoderStats>;

/** Encoder page to host, once a second. */
export const encoderStats = z.object({
  type: z.literal('encoder-stats'),
  tracks: z.array(trackStats),
  viewers: z.array(viewerStats),
  shared_encoders: z.array(sharedEncoderStats).optional(),
  /** The share of their usual rate that the shared encoders are given because this machine keeps up with no more; usually 1. */
  load_scale: z.number().min(0).max(1).optional(),
  /** From the first question to the last answer of this report, which other work of the page goes between. */
  collect_ms: z.number().min(0).optional(),
});
export type EncoderStats = z.infer<typeof encoderStats>;

/** What belongs to a process: the host itself, the model's Python, or one kind of the browser's processes, all of a kind together. */
export const processRole = z.enum(['host', 'model', 'browser', 'renderer', 'gpu', 'utility']);
export type ProcessRole = z.infer<typeof processRole>;

export const processStats = z.object({
  role: processRole,
  /** Processor time since the start; null where the system does not tell. */
  cpu_s: optional,
  /** Processor time of the last second: 1 is one core. */
  cpu_share: optional,
  resident_bytes: optional,
});
export type ProcessStats = z.infer<typeof processStats>;

/** Pictures and pieces of sound of one track on the way from the model through the host. Counters are since the host began. */
export const routedStats = z.object({
  kind: z.enum(['video', 'audio']),
  /** Messages of the model. */
  received: count,
  /** Of these, sent on to the encoder page. */
  forwarded: count,
  /** Of these, thrown away: no encoder page was there, or it did not keep up. */
  discarded: count,
  /** Pictures that Python dropped before sending because a newer one came; since the model connected. */
  dropped: count,
});
export type RoutedStats = z.infer<typeof routedStats>;

/** Commands of viewers since the host began. */
export const commandStats = z.object({
  run: count,
  /** Refused, or their handler raised. */
  failed: count,
  /** Given to the model and not yet run. */
  waiting: count,
});

/**
 * Everything that is measured, once a second: `GET /events` streams it, `GET /metrics` and `reactor-host stats` show the same.
 * Without an encoder page there are no tracks, viewers and encoders in it.
 */
export const hostStats = z.object({
  /** Milliseconds since the epoch. */
  time_ms: z.number(),
  started_ms: z.number(),
  version: z.string(),
  engine: z.string(),
  /** Viewers can be served, and the model yields. */
  ready: z.boolean(),
  routed: z.record(trackName, routedStats),
  tracks: z.array(trackStats),
  viewers: z.array(
    viewerStats.extend({
      /** What the model and other viewers know it by; it stays over a reload. */
      client_id: z.string().max(64),
    }),
  ),
  shared_encoders: z.array(sharedEncoderStats).optional(),
  load_scale: encoderStats.shape.load_scale,
  model: z.object({
    state: z.string(),
    restarts: count,
    steps: count,
    step_ms: optional,
    convert_ms: optional,
    ring: z.object({ used: count, slots: count }).nullable(),
  }),
  encoder_page_openings: count,
  engine_starts: count,
  commands: commandStats,
  processes: z.array(processStats),
  /** What measuring costs: collecting in the page, at most, and putting together and telling in the host, the time before. */
  collect_ms: z.object({ page: optional, host: optional }),
  /** Of the host's event loop: how much later than due its timers ran, in the last second. */
  event_loop_delay_ms: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
});
export type HostStats = z.infer<typeof hostStats>;
