import type { VideoTrack } from '../../protocol/track.ts';
import { formatBitrate, formatCodec, formatMs, formatShare } from '../viewer/format.ts';
import type { HostSnapshot, HostStats } from '../viewer/host-snapshot.ts';
import { lossShare, perSecond, sumOf, trackOf, viewerOf, watchers } from './rates.ts';
import type { Sample } from './sample-window.ts';

type SharedEncoder = NonNullable<HostStats['shared_encoders']>[number];
type Viewer = HostStats['viewers'][number];

/** Something that is not as it should be, or worth knowing. */
export interface Finding {
  /** `wrong`: nothing good comes of it. `slow`: it works, less well than it could. `note`: so that nobody wonders. */
  tone: 'wrong' | 'slow' | 'note';
  /** What is so, with its figures. */
  title: string;
  /** What to do about it. */
  hint: string;
}

export interface Facts {
  snapshot: HostSnapshot;
  now: Sample;
  /** Some seconds before, for what is counted; undefined where nothing is known of then. */
  before: Sample | undefined;
}

/** A model that yields less than this of what it declares is too slow; clocks and averages make some of the difference. */
const ENOUGH_OF_RATE = 0.85;
/** Of the usual bitrate: less, and this machine is what limits (load-policy.ts). */
const KEEPS_UP_SHARE = 0.95;
/** More of the time between two pictures than this in the encoder, and the next one is late. */
const BUSY_SHARE = 0.85;
/** Of all pictures that the encoder was given. */
const MANY_SKIPPED = 0.05;
/** Others are sent so much more that this link is the narrow one. */
const NARROW_SHARE = 0.6;
const MUCH_LOSS = 0.02;
const LONG_ROUND_TRIP_MS = 300;
/** A picture of the next interval is there by then. */
const LONG_WAIT_MS = 50;
const MUCH_SOUND_WAITING_MS = 1000;
const MUCH_SILENCE_MS_PER_SECOND = 20;
/** A viewer that joins asks once or twice. */
const MANY_PLI_PER_SECOND = 0.5;

/** What is wrong, in words and with a hint, the worst first. Nothing that cannot be told from the statistics is guessed. */
export function diagnose(facts: Facts): Finding[] {
  const order: Finding['tone'][] = ['wrong', 'slow', 'note'];
  const found = [
    ...ofHost(facts),
    ...ofTracks(facts),
    ...ofEncoders(facts),
    ...watchers(facts.now.stats).flatMap((viewer) => ofViewer(viewer, facts)),
    ...ofHardware(facts),
  ];
  return found.sort((one, other) => order.indexOf(one.tone) - order.indexOf(other.tone));
}

function ofHost({ snapshot, now }: Facts): Finding[] {
  const { model, encoder } = snapshot;
  const found: Finding[] = [];
  if (model.error)
    found.push({ tone: 'wrong', title: `the model: ${model.error.message}`, hint: model.error.hint });
  else if (model.state === 'crashed' || model.state === 'restarting')
    found.push({ tone: 'wrong', title: `the model is ${model.state}`, hint: 'the log below says why' });
  if (model.state === 'starting' || model.state === 'loading')
    found.push({
      tone: 'note',
      title: `the model is ${model.state}`,
      hint: 'pictures come when load() is done',
    });
  if (model.state === 'waiting')
    found.push({
      tone: 'note',
      title: 'no model is connected',
      hint: 'start one: python -m reactor_host model.py --host ws://... --secret ...',
    });
  if (!encoder.connected)
    found.push({
      tone: 'wrong',
      title: 'the encoder page is not connected',
      hint: 'the host opens it again by itself; if this stays, the log says why',
    });
  const { restarts } = now.stats.model;
  if (restarts > 0)
    found.push({
      tone: 'note',
      title: `the model crashed and was started again ${restarts === 1 ? 'once' : `${restarts} times`}`,
      hint: 'the log below says why',
    });
  const lateMs = now.stats.event_loop_delay_ms.p99;
  if (lateMs > LONG_WAIT_MS)
    found.push({
      tone: 'slow',
      title: `the host itself is late by up to ${formatMs(lateMs)} ms`,
      hint: 'every picture passes through it: the machine is busy with something else',
    });
  const scale = now.stats.load_scale ?? 1;
  if (scale < KEEPS_UP_SHARE)
    found.push({
      tone: 'slow',
      title: `this machine keeps up with ${formatShare(scale)} of the usual bitrate`,
      hint: 'a smaller picture, a lower rate, another codec, or a machine with more cores',
    });
  return found;
}

function ofTracks(facts: Facts): Finding[] {
  const { snapshot, now } = facts;
  const isWatched = watchers(now.stats).length > 0;
  if (!isWatched && snapshot.model.state === 'idle')
    return [
      {
        tone: 'note',
        title: 'the model rests: nobody watches',
        hint: 'it goes on with the first viewer; --generate always lets it run all the time. This page does not count',
      },
    ];
  return snapshot.tracks.flatMap((track) =>
    track.kind === 'video' ? ofVideo(track, isWatched, facts) : ofSound(track.name, facts),
  );
}

function ofVideo({ name, fps }: VideoTrack, isWatched: boolean, { snapshot, now, before }: Facts): Finding[] {
  const rate = perSecond(before, now, (stats) => trackOf(stats, name)?.received);
  const isAsked = isWatched && snapshot.model.state === 'running';
  if (rate === null || !isAsked || rate >= fps * ENOUGH_OF_RATE) return [];
  if (rate === 0)
    return [
      {
        tone: 'slow',
        title: `${name}: the model yields no pictures`,
        hint: 'its generate() may wait for something, or yields other tracks only',
      },
    ];
  return [
    {
      tone: 'slow',
      title: `${name}: the model yields ${rounded(rate)} fps, declared ${rounded(fps)}`,
      hint: `${stepWords(now, 1000 / fps)}, or declare ${rounded(rate)} fps`,
    },
  ];
}

function stepWords({ stats }: Sample, intervalMs: number): string {
  const { step_ms: stepMs } = stats.model;
  const there = `${formatMs(intervalMs)} ms are there`;
  if (stepMs === null) return `its steps take longer, where ${there}: make them faster`;
  if (stepMs >= intervalMs) return `a step takes ${formatMs(stepMs)} ms where ${there}: make it faster`;
  return `a step takes ${formatMs(stepMs)} ms and ${there}: what goes on between steps, such as handlers of commands, or other work of this machine takes the rest; make it less`;
}

function ofSound(name: string, { now, before }: Facts): Finding[] {
  const found: Finding[] = [];
  const silence = perSecond(before, now, (stats) => trackOf(stats, name)?.dropped);
  if (silence !== null && silence > MUCH_SILENCE_MS_PER_SECOND && silence < 900)
    found.push({
      tone: 'slow',
      title: `${name}: ${Math.round(silence)} ms of each second are silence that was filled in`,
      hint: 'the model yields less sound than time passes: longer pieces, or a faster step',
    });
  const waitingMs = trackOf(now.stats, name)?.buffered_ms ?? 0;
  if (waitingMs > MUCH_SOUND_WAITING_MS)
    found.push({
      tone: 'note',
      title: `${name}: ${formatMs(waitingMs)} ms of sound wait to be sent`,
      hint: 'the model yields it in large pieces, which is heard as latency',
    });
  return found;
}

function ofEncoders({ snapshot, now, before }: Facts): Finding[] {
  return (now.stats.shared_encoders ?? []).flatMap((encoder) => {
    const { track, codec, rung } = encoder;
    const same = (stats: HostStats) =>
      stats.shared_encoders?.find(
        (each) => each.track === track && each.codec === codec && each.rung === rung,
      );
    const encoded = perSecond(before, now, (stats) => same(stats)?.encoded);
    const skipped = perSecond(before, now, (stats) => same(stats)?.skipped);
    const declared = snapshot.tracks.find((each) => each.name === track);
    const fps = declared?.kind === 'video' ? declared.fps : 30;
    const encodeMs = encoder.encode_ms?.p50 ?? 0;
    const skippedShare =
      encoded === null || skipped === null || encoded + skipped === 0 ? 0 : skipped / (encoded + skipped);
    const found: Finding[] = [];
    if (encodeMs > (BUSY_SHARE * 1000) / fps || skippedShare > MANY_SKIPPED) {
      const left =
        skippedShare > MANY_SKIPPED ? `, ${formatShare(skippedShare)} of the pictures left out` : '';
      found.push({
        tone: 'slow',
        title: `${track}: the encoder is the bottleneck: ${formatMs(encodeMs)} ms a frame at ${codecAndSize(encoder)}${left}`,
        hint: FASTER[codec] ?? SMALLER,
      });
    }
    const queueMs = encoder.queue_ms?.p50 ?? 0;
    if (queueMs > LONG_WAIT_MS)
      found.push({
        tone: 'slow',
        title: `${track}: pictures wait ${formatMs(queueMs)} ms for the ${formatCodec(codec.toUpperCase())} encoder`,
        hint: 'the machine is busy with something else, or encodes too many tracks at once',
      });
    const handOverMs = encoder.hand_over_ms?.p50 ?? 0;
    if (handOverMs > LONG_WAIT_MS)
      found.push({
        tone: 'slow',
        title: `${track}: pictures take ${formatMs(handOverMs)} ms from the model to the encoder page`,
        hint: 'a model on another machine sends them over the network; on this one the machine is busy',
      });
    return found;
  });
}

function ofViewer(viewer: Viewer, facts: Facts): Finding[] {
  const { now, before } = facts;
  const { viewer_id: id, state, round_trip_time_ms: roundTripMs, bitrate_cap_bps: capBps, senders } = viewer;
  if (state === 'disconnected')
    return [
      {
        tone: 'wrong',
        title: `viewer ${id} does not answer`,
        hint: 'its network is interrupted; after 15 s its place is given free',
      },
    ];
  const found: Finding[] = [];
  if (capBps !== undefined)
    found.push({
      tone: 'note',
      title: `an operator limits viewer ${id} to ${bitrate(capBps)}`,
      hint: 'choose "no cap" at the viewer to lift it',
    });
  else found.push(...ofLink(viewer, facts));
  const loss = lossShare(before, now, id);
  if (loss !== null && loss > MUCH_LOSS)
    found.push({
      tone: 'slow',
      title: `viewer ${id} loses ${formatShare(loss)} of its packets`,
      hint: 'they are sent again; a wired network or a nearer TURN server loses fewer',
    });
  if (roundTripMs !== null && roundTripMs > LONG_ROUND_TRIP_MS)
    found.push({
      tone: 'slow',
      title: `viewer ${id} is ${formatMs(roundTripMs)} ms away (round trip)`,
      hint: 'half of that is added to its latency, all of it where a packet is sent again',
    });
  const pli = perSecond(before, now, (stats) =>
    sumOf(viewerOf(stats, id)?.senders ?? [], ({ pli_count }) => pli_count),
  );
  if (pli !== null && pli > MANY_PLI_PER_SECOND)
    found.push({
      tone: 'slow',
      title: `viewer ${id} asks for ${rounded(pli)} key frames a second`,
      hint: 'it loses packets faster than they can be sent again, or its decoder fails: try another codec',
    });
  for (const { name, encoder, encoder_reason, sharing } of senders) {
    if (encoder === 'native' && encoder_reason !== 'asked for')
      found.push({
        tone: 'note',
        title: `viewer ${id} has an encoder of its own for ${name}: ${encoder_reason}`,
        hint: 'each such viewer costs as much as the first',
      });
    if ((sharing?.wait_ms?.p95 ?? 0) > LONG_WAIT_MS)
      found.push({
        tone: 'slow',
        title: `${name}: encoded pictures wait ${formatMs(sharing?.wait_ms?.p95 ?? 0)} ms for viewer ${id}'s sender`,
        hint: 'the machine is busy: fewer viewers, or fewer tracks at once',
      });
  }
  return found;
}

/** Is it the link that keeps this viewer from what others have? */
function ofLink(viewer: Viewer, { now, before }: Facts): Finding[] {
  const { viewer_id: id, available_outgoing_bitrate_bps: estimateBps, senders } = viewer;
  if (estimateBps === null) return [];
  // A machine that does not keep up sends smaller pictures, too: that is said once, of the machine. They grow back step by step.
  const isMachine = [now, before].some((sample) => (sample?.stats.load_scale ?? 1) < KEEPS_UP_SHARE);
  const shrunk = senders.find(({ name, width, quality_limitation }) => {
    const whole = trackOf(now.stats, name)?.width;
    return (!isMachine && width && whole && width < whole * 0.95) || quality_limitation === 'bandwidth';
  });
  // Of an estimate alone nothing follows: it stays where it is while no more is needed (docs/media.md, Rate).
  const others = watchers(now.stats).filter(
    (other) =>
      other.bitrate_cap_bps === undefined &&
      other.senders.map(nameAndCodec).join() === senders.map(nameAndCodec).join(),
  );
  const bestBps = Math.max(0, ...others.map(targetBps));
  if (!shrunk && targetBps(viewer) >= bestBps * NARROW_SHARE) return [];
  const size = shrunk?.width ? `, sent at ${shrunk.width}×${shrunk.height}` : '';
  return [
    {
      tone: 'slow',
      title: `link limits viewer ${id} to ${bitrate(estimateBps)}${size}`,
      hint: 'nothing on this machine: its network carries no more. AV1 and VP9 look better at such a rate',
    },
  ];
}

function ofHardware({ now }: Facts): Finding[] {
  const reasons = new Map<string, string>();
  for (const { codec, implementation, hardware_reason } of now.stats.shared_encoders ?? [])
    if (implementation === 'software' && hardware_reason) reasons.set(codec, hardware_reason);
  return [...reasons].map(([codec, reason]) => ({
    tone: 'note',
    title: `hardware encode of ${formatCodec(codec.toUpperCase())} is off because ${reason}`,
    hint: 'software works everywhere and takes more CPU; reactor-host doctor tells what this machine has',
  }));
}

const SMALLER = 'try a smaller picture or a lower frame rate';
const FASTER: Record<string, string> = {
  vp9: 'try H.264: --codec h264, or the codec of each viewer below',
  av1: 'try H.264: --codec h264, or the codec of each viewer below',
  vp8: 'try H.264: --codec h264, or the codec of each viewer below',
  h265: 'try H.264: --codec h264, or the codec of each viewer below',
};

function codecAndSize({ codec, width, height }: SharedEncoder): string {
  const size = width && height ? (width * 9 === height * 16 ? `${height}p` : `${width}×${height}`) : '';
  return `${formatCodec(codec.toUpperCase())} ${size}`.trim();
}

/** What the encoders are told to make for this viewer. */
function targetBps({ senders }: Viewer): number {
  return (
    sumOf(senders, ({ kind, target_bitrate_bps }) => (kind === 'video' ? target_bitrate_bps : null)) ?? 0
  );
}

function nameAndCodec({ name, codec }: Viewer['senders'][number]): string {
  return `${name} ${codec}`;
}

function bitrate(bps: number): string {
  return formatBitrate(bps).join(' ');
}

function rounded(value: number): string {
  return value < 9.5 ? String(Number(value.toFixed(1))) : String(Math.round(value));
}
