import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HostStats } from '../protocol/stats.ts';
import type { Commands } from './commands.ts';
import type { EventStreams } from './http/event-streams.ts';
import type { ModelLink } from './model-link.ts';
import type { Statistics } from './statistics.ts';

/**
 * The statistics as Prometheus metrics (https://prometheus.io/docs/practices/naming/): base units, so bytes a second and not
 * bits, and seconds; counters end in `_total`. What is known of a viewer goes with it: values are read from the last report
 * at each scrape, so a label lives as long as what it names.
 *
 * @packageDocumentation
 */

const PREFIX = 'reactor_host_';
/** A step of a shader takes 5 ms, one of a large model seconds. */
const STEP_BUCKETS_S = [0.005, 0.01, 0.02, 0.033, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
/** A stage is a fraction of a picture's 33 ms where all is well. */
const STAGE_BUCKETS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.033, 0.05, 0.1, 0.2, 0.5, 1];
/** From this machine to around the world and a queue behind it. */
const ROUND_TRIP_BUCKETS_S = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6];
/** Handlers run between steps. */
const COMMAND_BUCKETS_S = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

const STAGES = ['convert', 'hand_over', 'queue', 'encode', 'send'] as const;
const MODEL_STATES = ['starting', 'waiting', 'loading', 'running', 'idle', 'ended', 'crashed', 'restarting'];

type Labels = Record<string, string>;
type Sample = [labels: Labels, value: number | boolean | null | undefined];

interface Reading {
  type: 'gauge' | 'counter';
  name: string;
  help: string;
  labels: string[];
  read: (stats: HostStats) => Sample[];
}

export interface MetricsOptions {
  statistics: Pick<Statistics, 'latest' | 'reported'>;
  model: Pick<ModelLink, 'stats'>;
  commands: Pick<Commands, 'settled'>;
  streams: Pick<EventStreams, 'counts'>;
}

/** What a scrape is told, and the histograms, which are kept here. */
export class Metrics {
  readonly registry = new Registry();

  constructor({ statistics, model, commands, streams }: MetricsOptions) {
    for (const { type, name, help, labels, read } of READINGS) {
      const Metric = type === 'gauge' ? Gauge : Counter;
      new Metric({
        name: PREFIX + name,
        help,
        labelNames: labels,
        registers: [this.registry],
        collect() {
          this.reset();
          // What has no labels would be 0 where nothing is known.
          if (labels.length === 0) this.remove();
          const stats = statistics.latest;
          if (!stats) return;
          for (const [given, value] of read(stats)) {
            if (value === null || value === undefined) continue;
            this.inc(given, Number(value));
          }
        },
      });
    }
    new Gauge({
      name: `${PREFIX}event_streams`,
      help: 'Open streams of events by what is told: events (GET /events), or the log (GET /debug/log).',
      labelNames: ['stream'],
      registers: [this.registry],
      collect() {
        for (const [stream, open] of streams.counts) this.set({ stream }, open);
      },
    });
    const histogram = (name: string, help: string, labelNames: string[], buckets: number[]) =>
      new Histogram({ name: PREFIX + name, help, labelNames, buckets, registers: [this.registry] });

    const steps = histogram(
      'model_step_seconds',
      "Time of each step of the model's code.",
      [],
      STEP_BUCKETS_S,
    );
    model.stats.on(({ step_times_ms = [] }) => {
      for (const ms of step_times_ms) steps.observe(ms / 1000);
    });

    const stages = histogram(
      'picture_stage_seconds',
      'Time of each picture in a stage of the host, with shared encoders: convert, hand_over, queue, encode, send.',
      ['track', 'stage'],
      STAGE_BUCKETS_S,
    );
    const roundTrips = histogram(
      'round_trip_time_distribution_seconds',
      'Round-trip time to each viewer, once a second.',
      [],
      ROUND_TRIP_BUCKETS_S,
    );
    statistics.reported.on(({ shared_encoders = [], viewers }) => {
      for (const { track, pictures = [] } of shared_encoders) {
        for (const picture of pictures) {
          for (const stage of STAGES) {
            const ms = picture[`${stage}_ms`];
            if (ms !== null) stages.observe({ track, stage }, Math.max(0, ms) / 1000);
          }
        }
      }
      for (const { round_trip_time_ms } of viewers)
        if (round_trip_time_ms !== null) roundTrips.observe(round_trip_time_ms / 1000);
    });

    const commandTimes = histogram(
      'command_seconds',
      'A command given to the model until it had run, by outcome: run or failed.',
      ['outcome'],
      COMMAND_BUCKETS_S,
    );
    commands.settled.on(({ ms, code }) => {
      if (ms !== null) commandTimes.observe({ outcome: code === null ? 'run' : 'failed' }, ms / 1000);
    });
  }

  /** The text of `GET /metrics`, in Prometheus' text format 0.0.4. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}

const seconds = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : ms / 1000);
const bytes = (bits: number | null | undefined) => (bits === null || bits === undefined ? null : bits / 8);

function gauge(name: string, help: string, labels: string[], read: Reading['read']): Reading {
  return { type: 'gauge', name, help, labels, read };
}

function counter(name: string, help: string, labels: string[], read: Reading['read']): Reading {
  return { type: 'counter', name: `${name}_total`, help, labels, read };
}

function one(value: Sample[1]): Sample[] {
  return [[{}, value]];
}

type Viewer = HostStats['viewers'][number];
type Sender = Viewer['senders'][number];
type Track = HostStats['tracks'][number];
type Encoder = NonNullable<HostStats['shared_encoders']>[number];

const ofViewers =
  (value: (viewer: Viewer) => Sample[1]): Reading['read'] =>
  ({ viewers }) =>
    viewers.map((viewer) => [{ viewer: viewer.viewer_id }, value(viewer)]);

const ofSenders =
  (value: (sender: Sender) => Sample[1], more: (sender: Sender, viewer: Viewer) => Labels = () => ({})) =>
  ({ viewers }: HostStats): Sample[] =>
    viewers.flatMap((viewer) =>
      viewer.senders.map(
        (sender): Sample => [
          { viewer: viewer.viewer_id, track: sender.name, ...more(sender, viewer) },
          value(sender),
        ],
      ),
    );

const ofPictures = (value: (sender: Sender) => Sample[1]) =>
  ofSenders((sender) => (sender.kind === 'video' ? value(sender) : null));

const ofTracks =
  (kind: Track['kind'], value: (track: Track) => Sample[1]): Reading['read'] =>
  ({ tracks }) =>
    tracks.filter((track) => track.kind === kind).map((track) => [{ track: track.name }, value(track)]);

/** `rung` tells the encoders of a track and codec apart: 0 has the highest rate. Their own numbers grow without end. */
const ofEncoders =
  (value: (encoder: Encoder) => Sample[1], more: (encoder: Encoder) => Labels = () => ({})) =>
  ({ shared_encoders = [] }: HostStats): Sample[] => {
    const met = new Map<string, number>();
    return [...shared_encoders]
      .sort((first, second) => second.target_bitrate_bps - first.target_bitrate_bps)
      .map((encoder) => {
        const { track, codec } = encoder;
        const place = met.get(`${track} ${codec}`) ?? 0;
        met.set(`${track} ${codec}`, place + 1);
        return [{ track, codec, rung: String(place), ...more(encoder) }, value(encoder)];
      });
  };

/** All encoders of a track and codec together: counters stay comparable while their number changes. */
const sumOfEncoders =
  (value: (encoder: Encoder) => number): Reading['read'] =>
  ({ shared_encoders = [] }) =>
    shared_encoders.map((encoder) => [{ track: encoder.track, codec: encoder.codec }, value(encoder)]);

const routed =
  (kind: Track['kind'], value: (of: HostStats['routed'][string]) => number): Reading['read'] =>
  (stats) =>
    Object.entries(stats.routed)
      .filter(([, of]) => of.kind === kind)
      .map(([track, of]) => [{ track }, value(of)]);

function droppedPictures(stats: HostStats): Sample[] {
  const samples: Sample[] = [];
  const add = (track: string, where: string, reason: string, value: number) =>
    samples.push([{ track, where, reason }, value]);
  for (const [track, { kind, dropped, discarded }] of Object.entries(stats.routed)) {
    if (kind !== 'video') continue;
    add(track, 'model', 'newer_came', dropped);
    add(track, 'host', 'page_not_ready', discarded);
  }
  for (const { name, kind, dropped, failed = 0 } of stats.tracks) {
    if (kind !== 'video') continue;
    add(name, 'page', 'newer_came', dropped - failed);
    add(name, 'page', 'unreadable', failed);
  }
  for (const { track, skipped, dropped } of stats.shared_encoders ?? []) {
    add(track, 'encoder', 'newer_came', skipped);
    add(track, 'encoder', 'not_encoded', dropped);
  }
  return samples;
}

const READINGS: readonly Reading[] = [
  gauge('info', 'Version and engine of the host; always 1.', ['version', 'engine'], ({ version, engine }) => [
    [{ version, engine }, 1],
  ]),
  gauge('start_time_seconds', 'When the host started, in seconds since the epoch.', [], ({ started_ms }) =>
    one(started_ms / 1000),
  ),
  gauge('ready', '1 when viewers can be served and the model yields.', [], ({ ready }) => one(ready)),
  gauge('viewers', 'Viewers that the encoder page serves.', [], ({ viewers }) => one(viewers.length)),

  gauge('model_state', '1 for the state in which the model is.', ['state'], ({ model }) =>
    MODEL_STATES.map((state) => [{ state }, model.state === state]),
  ),
  counter('model_restarts', 'Times that the model was started again after a crash.', [], ({ model }) =>
    one(model.restarts),
  ),
  counter('model_steps', 'Steps of the model since it connected.', [], ({ model }) => one(model.steps)),
  gauge(
    'model_convert_seconds',
    'RGB to I420 of one picture: the median of the last second.',
    [],
    ({ model }) => one(seconds(model.convert_ms)),
  ),
  gauge('ring_slots', 'Places of the shared ring file.', [], ({ model }) => one(model.ring?.slots)),
  gauge('ring_used_slots', 'Places of the shared ring file that hold a picture.', [], ({ model }) =>
    one(model.ring?.used),
  ),
  counter('encoder_page_openings', 'Encoder pages that have connected.', [], (stats) =>
    one(stats.encoder_page_openings),
  ),
  counter('engine_starts', 'Starts of the browser engine.', [], ({ engine_starts }) => one(engine_starts)),
  counter(
    'commands',
    'Commands of viewers by outcome: run, or failed (refused or raised).',
    ['outcome'],
    ({ commands }) => [
      [{ outcome: 'run' }, commands.run],
      [{ outcome: 'failed' }, commands.failed],
    ],
  ),
  gauge(
    'commands_waiting',
    'Commands that the model has been given and has not run yet.',
    [],
    ({ commands }) => one(commands.waiting),
  ),
  counter('process_cpu_seconds', 'Processor time by kind of process.', ['process'], ({ processes }) =>
    processes.map(({ role, cpu_s }) => [{ process: role }, cpu_s]),
  ),
  gauge(
    'process_resident_memory_bytes',
    'Resident memory by kind of process.',
    ['process'],
    ({ processes }) => processes.map(({ role, resident_bytes }) => [{ process: role }, resident_bytes]),
  ),
  gauge(
    'statistics_seconds',
    'What one report costs: collecting it in the page (at most), putting it together and telling it in the host.',
    ['where'],
    ({ collect_ms }) => [
      [{ where: 'page' }, seconds(collect_ms.page)],
      [{ where: 'host' }, seconds(collect_ms.host)],
    ],
  ),
  gauge(
    'event_loop_delay_median_seconds',
    "Lateness of the host's timers in the last second: median.",
    [],
    (stats) => one(seconds(stats.event_loop_delay_ms.p50)),
  ),
  gauge('event_loop_delay_p99_seconds', '... 99th percentile.', [], (stats) =>
    one(seconds(stats.event_loop_delay_ms.p99)),
  ),
  gauge('event_loop_delay_max_seconds', '... the longest.', [], (stats) =>
    one(seconds(stats.event_loop_delay_ms.max)),
  ),

  counter(
    'pictures_received',
    'Pictures that came from the model.',
    ['track'],
    routed('video', (of) => of.received),
  ),
  counter(
    'pictures_dropped',
    'Pictures that no viewer gets, by where (model, host, page, encoder) and why.',
    ['track', 'where', 'reason'],
    droppedPictures,
  ),
  counter(
    'pictures_written',
    'Pictures handed to the encoders.',
    ['track'],
    ofTracks('video', ({ written }) => written),
  ),
  counter(
    'pictures_repeated',
    'Pictures written again, for a new viewer or while the model is idle.',
    ['track'],
    ofTracks('video', ({ repeated }) => repeated),
  ),
  gauge(
    'track_width_pixels',
    'Width of the last picture.',
    ['track'],
    ofTracks('video', ({ width }) => width),
  ),
  gauge(
    'track_height_pixels',
    'Height of the last picture.',
    ['track'],
    ofTracks('video', ({ height }) => height),
  ),
  counter(
    'sound_messages_received',
    'Pieces of sound that came from the model.',
    ['track'],
    routed('audio', (of) => of.received),
  ),
  counter(
    'sound_written_seconds',
    'Sound handed to the encoders.',
    ['track'],
    ofTracks('audio', ({ written }) => seconds(written)),
  ),
  counter(
    'sound_lost_seconds',
    'Sound dropped, or silence filled in.',
    ['track'],
    ofTracks('audio', ({ dropped }) => seconds(dropped)),
  ),
  gauge(
    'sound_buffered_seconds',
    'Sound waiting to be played out.',
    ['track'],
    ofTracks('audio', ({ buffered_ms }) => seconds(buffered_ms)),
  ),

  gauge(
    'encoder_info',
    'Each shared encoder, with its name; always 1.',
    ['track', 'codec', 'rung', 'implementation', 'encoder'],
    ofEncoders(
      () => 1,
      ({ implementation, encoder_name }) => ({ implementation, encoder: encoder_name ?? '' }),
    ),
  ),
  gauge(
    'encoder_viewers',
    'Viewers of a shared encoder.',
    ['track', 'codec', 'rung'],
    ofEncoders(({ viewers }) => viewers),
  ),
  gauge(
    'encoder_frames_per_second',
    'Pictures that it encodes a second.',
    ['track', 'codec', 'rung'],
    ofEncoders(({ fps }) => fps),
  ),
  gauge(
    'encoder_width_pixels',
    'Width that it encodes.',
    ['track', 'codec', 'rung'],
    ofEncoders(({ width }) => width),
  ),
  gauge(
    'encoder_height_pixels',
    'Height that it encodes.',
    ['track', 'codec', 'rung'],
    ofEncoders(({ height }) => height),
  ),
  gauge(
    'encoder_target_bytes_per_second',
    'Rate that it is given.',
    ['track', 'codec', 'rung'],
    ofEncoders(({ target_bitrate_bps }) => bytes(target_bitrate_bps)),
  ),
  gauge(
    'encoder_bytes_per_second',
    'Rate that comes out of it.',
    ['track', 'codec', 'rung'],
    ofEncoders(({ bitrate_bps }) => bytes(bitrate_bps)),
  ),
  counter(
    'encoder_pictures',
    'Pictures that shared encoders have encoded.',
    ['track', 'codec'],
    sumOfEncoders(({ encoded }) => encoded),
  ),
  counter(
    'encoder_key_frames',
    'Key frames of shared encoders.',
    ['track', 'codec'],
    sumOfEncoders(({ key_frames }) => key_frames),
  ),
  gauge(
    'load_scale_ratio',
    'Share of their usual rate that shared encoders are given because this machine keeps up with no more.',
    [],
    ({ load_scale }) => one(load_scale),
  ),

  gauge(
    'viewer_connected',
    '1 while the connection is up.',
    ['viewer'],
    ofViewers(({ state }) => state === 'connected'),
  ),
  gauge(
    'viewer_available_bytes_per_second',
    "What the viewer's link carries, by congestion control.",
    ['viewer'],
    ofViewers(({ available_outgoing_bitrate_bps }) => bytes(available_outgoing_bitrate_bps)),
  ),
  gauge(
    'viewer_round_trip_time_seconds',
    'Round-trip time by ICE.',
    ['viewer'],
    ofViewers(({ round_trip_time_ms }) => seconds(round_trip_time_ms)),
  ),
  counter(
    'viewer_channel_messages',
    'Messages on the data channel by direction: sent to the viewer, received from it.',
    ['viewer', 'direction'],
    ({ viewers }) =>
      viewers.flatMap(({ viewer_id: viewer, channel }): Sample[] => [
        [{ viewer, direction: 'sent' }, channel?.sent],
        [{ viewer, direction: 'received' }, channel?.received],
      ]),
  ),
  counter(
    'viewer_channel_messages_dropped',
    'Messages on the data channel that went nowhere: refused (from the viewer, answered with an error), not_sent (to it).',
    ['viewer', 'reason'],
    ({ viewers }) =>
      viewers.flatMap(({ viewer_id: viewer, channel }): Sample[] => [
        [{ viewer, reason: 'refused' }, channel?.refused],
        [{ viewer, reason: 'not_sent' }, channel?.dropped],
      ]),
  ),

  gauge(
    'sender_info',
    'Each track of a viewer, with its codec and encoder (shared or native); always 1.',
    ['viewer', 'track', 'codec', 'encoder', 'implementation'],
    ofSenders(
      () => 1,
      ({ codec, encoder, implementation }) => ({
        codec: codec.toLowerCase(),
        encoder: encoder ?? 'native',
        implementation: implementation ?? '',
      }),
    ),
  ),
  counter(
    'sender_bytes',
    'Payload bytes sent.',
    ['viewer', 'track'],
    ofSenders(({ bytes_sent }) => bytes_sent),
  ),
  counter(
    'sender_packets',
    'RTP packets sent.',
    ['viewer', 'track'],
    ofSenders(({ packets_sent }) => packets_sent),
  ),
  counter(
    'sender_packets_lost',
    'Packets that the viewer reports as lost, before they come again.',
    ['viewer', 'track'],
    ofSenders(({ packets_lost }) => packets_lost),
  ),
  counter(
    'sender_retransmitted_packets',
    'Packets sent again.',
    ['viewer', 'track'],
    ofSenders(({ retransmitted_packets }) => retransmitted_packets),
  ),
  counter(
    'sender_retransmitted_bytes',
    'Payload bytes sent again.',
    ['viewer', 'track'],
    ofSenders(({ retransmitted_bytes }) => retransmitted_bytes),
  ),
  counter(
    'sender_nacks',
    'NACK that the viewer has sent.',
    ['viewer', 'track'],
    ofSenders(({ nack_count }) => nack_count),
  ),
  counter(
    'sender_plis',
    'PLI that the viewer has sent: it needs a key frame.',
    ['viewer', 'track'],
    ofSenders(({ pli_count }) => pli_count),
  ),
  counter(
    'sender_firs',
    'FIR that the viewer has sent: it needs a key frame.',
    ['viewer', 'track'],
    ofPictures(({ fir_count }) => fir_count),
  ),
  gauge(
    'sender_round_trip_time_seconds',
    "Round-trip time by the viewer's last receiver report.",
    ['viewer', 'track'],
    ofSenders(({ round_trip_time_ms }) => seconds(round_trip_time_ms)),
  ),
  gauge(
    'sender_jitter_seconds',
    'Jitter at the viewer by its last receiver report.',
    ['viewer', 'track'],
    ofSenders(({ jitter_ms }) => seconds(jitter_ms)),
  ),
  gauge(
    'sender_lost_ratio',
    'Share of the packets that the viewer lost between its last two receiver reports.',
    ['viewer', 'track'],
    ofSenders(({ fraction_lost }) => fraction_lost),
  ),
  counter(
    'sender_pictures',
    'Pictures sent.',
    ['viewer', 'track'],
    ofPictures(({ sharing, frames_encoded }) => sharing?.sent ?? frames_encoded),
  ),
  counter(
    'sender_pictures_skipped',
    'Pictures of a shared encoder that were not sent to this viewer.',
    ['viewer', 'track'],
    ofPictures(({ sharing }) => sharing?.skipped),
  ),
  gauge(
    'sender_frames_per_second',
    'Pictures sent a second.',
    ['viewer', 'track'],
    ofPictures(({ fps }) => fps),
  ),
  gauge(
    'sender_width_pixels',
    'Width that is sent.',
    ['viewer', 'track'],
    ofPictures(({ width }) => width),
  ),
  gauge(
    'sender_height_pixels',
    'Height that is sent.',
    ['viewer', 'track'],
    ofPictures(({ height }) => height),
  ),
  gauge(
    'sender_target_bytes_per_second',
    'Rate that the encoder is to have for this viewer.',
    ['viewer', 'track'],
    ofSenders(({ target_bitrate_bps }) => bytes(target_bitrate_bps)),
  ),
  gauge(
    'sender_bytes_per_second',
    'Rate that is sent.',
    ['viewer', 'track'],
    ofSenders(({ bitrate_bps }) => bytes(bitrate_bps)),
  ),
  gauge(
    'sender_encode_seconds',
    'Time to encode a picture: the mean of the last second.',
    ['viewer', 'track'],
    ofPictures(({ encode_ms }) => seconds(encode_ms)),
  ),
  gauge(
    'sender_send_delay_seconds',
    'A packet ready until sent: the mean of the last second.',
    ['viewer', 'track'],
    ofSenders(({ send_delay_ms }) => seconds(send_delay_ms)),
  ),
  counter(
    'sender_quality_limitation_seconds',
    'How long a reason has held the quality back (none, cpu, bandwidth, other), by Chromium.',
    ['viewer', 'track', 'reason'],
    ({ viewers }) =>
      viewers.flatMap(({ viewer_id: viewer, senders }) =>
        senders.flatMap(({ name: track, quality_limitation_s = {} }) =>
          Object.entries(quality_limitation_s).map(
            ([reason, value]): Sample => [{ viewer, track, reason }, value],
          ),
        ),
      ),
  ),
  gauge(
    'sender_paused',
    '1 while the viewer has paused the track.',
    ['viewer', 'track'],
    ofSenders(({ paused }) => paused === true),
  ),
  gauge(
    'receiver_frames_per_second',
    'Pictures that the viewer decodes a second; this and the next five are as our viewer page reports them.',
    ['viewer', 'track'],
    ofPictures(({ receiver }) => receiver?.fps),
  ),
  gauge(
    'receiver_latency_seconds',
    'Yielded by the model until shown to the viewer.',
    ['viewer', 'track'],
    ofPictures(({ receiver }) => seconds(receiver?.latency_ms)),
  ),
  gauge(
    'receiver_processing_seconds',
    "A picture in the viewer's jitter buffer and decoder: the mean of the last second.",
    ['viewer', 'track'],
    ofPictures(({ receiver }) => seconds(receiver?.processing_ms)),
  ),
  counter(
    'receiver_frames_dropped',
    'Pictures that the viewer decoded too late or not at all.',
    ['viewer', 'track'],
    ofPictures(({ receiver }) => receiver?.frames_dropped),
  ),
  counter(
    'receiver_freezes',
    'Times that the picture stood still.',
    ['viewer', 'track'],
    ofPictures(({ receiver }) => receiver?.freezes),
  ),
  gauge(
    'receiver_concealed_ratio',
    'Share of the last second of sound that the viewer invented for what did not come.',
    ['viewer', 'track'],
    ofSenders(({ kind, receiver }) => (kind === 'audio' ? receiver?.concealed : null)),
  ),
];
