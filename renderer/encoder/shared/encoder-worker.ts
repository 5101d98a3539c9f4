import type { VideoCodec } from '../../../protocol/hello.ts';
import { askAhead } from './encoder-support.ts';
import { LoadPolicy } from './load-policy.ts';
import { SharedTrack } from './shared-track.ts';
import { ViewerSender } from './viewer-sender.ts';
import type {
  PageToWorker,
  TransformOptions,
  WorkerSettings,
  WorkerToPage,
  WorkerTrack,
} from './worker-message.ts';

/**
 * The worker of the encoder page: shared encoders, stand-ins and transforms live here, so that neither the page's work
 * nor its timers hold up a picture.
 *
 * @packageDocumentation
 */

/** Of DedicatedWorkerGlobalScope, which the DOM's types leave out. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<PageToWorker>) => void) | null;
  onrtctransform: ((event: { transformer: Streams & { options: TransformOptions } }) => void) | null;
  postMessage(message: WorkerToPage): void;
}

interface Streams {
  readable: ReadableStream<RTCEncodedVideoFrame>;
  writable: WritableStream<RTCEncodedVideoFrame>;
}

interface Attachment {
  track: string;
  sender: ViewerSender;
  observer: boolean;
  codec: VideoCodec | undefined;
}

/** Half a frame interval at 30 fps: what is lost is found that soon after it has expired. */
const TICK_EVERY_MS = 15;
const LOAD_EVERY_MS = 1000;
/** Of a track whose model has not told. */
const DEFAULT_FPS = 30;

const scope = self as unknown as WorkerScope;
const nowMs = () => performance.now();
const attachments = new Map<number, Attachment>();
/** By track and codec; only where somebody watches. */
const shared = new Map<string, Map<VideoCodec, SharedTrack>>();
const declared = new Map<string, WorkerTrack>();
/** Streams of transforms that came before the message that says whose they are. */
const early = new Map<number, Streams>();
let settings: WorkerSettings | undefined;
const load = new LoadPolicy();
let lastCounts = { offered: 0, skipped: 0 };

function sharedTrack(track: string, codec: VideoCodec): SharedTrack {
  const byCodec = shared.get(track) ?? new Map<VideoCodec, SharedTrack>();
  shared.set(track, byCodec);
  const known = byCodec.get(codec);
  if (known) return known;
  if (!settings) throw new Error('a viewer before the settings');
  const {
    fps = DEFAULT_FPS,
    content = 'motion',
    ...limits
  }: Partial<WorkerTrack> = declared.get(track) ?? {};
  const made = new SharedTrack({
    track,
    codec,
    fps,
    content,
    settings: { ...settings, ...limits },
    nowMs,
    onFailure: (reason) => {
      byCodec.delete(codec);
      made.close();
      scope.postMessage({ type: 'failed', track, codec, reason });
    },
    onWarning: (message) => scope.postMessage({ type: 'log', level: 'warn', message }),
  });
  made.setLoadScale(load.scale);
  byCodec.set(codec, made);
  return made;
}

function transform(id: number, streams: Streams): void {
  const sender = attachments.get(id)?.sender;
  if (!sender) {
    early.set(id, streams);
    return;
  }
  early.delete(id);
  void sender.transform(streams.readable, streams.writable);
}

/** Its access units stop. */
function leave(id: number): void {
  const attachment = attachments.get(id);
  if (!attachment?.codec) return;
  const byCodec = shared.get(attachment.track);
  const track = byCodec?.get(attachment.codec);
  attachment.codec = undefined;
  attachment.sender.pass();
  track?.remove(String(id));
  if (!byCodec || !track?.empty) return;
  track.close();
  for (const [codec, each] of byCodec) if (each === track) byCodec.delete(codec);
}

/** Where its access units come from; undefined while it is not shared. */
function sharedTrackOf(id: number): SharedTrack | undefined {
  const attachment = attachments.get(id);
  return attachment?.codec && shared.get(attachment.track)?.get(attachment.codec);
}

function onMessage(message: PageToWorker): void {
  switch (message.type) {
    case 'settings':
      settings = message.settings;
      if (settings.hardware === 'auto') askAhead(settings.codecs, nowMs());
      break;
    case 'tracks':
      declared.clear();
      for (const track of message.tracks) declared.set(track.name, track);
      break;
    case 'frame':
      try {
        for (const track of [...(shared.get(message.track)?.values() ?? [])]) {
          track.encode(message.frame, message.arrival);
        }
      } finally {
        message.frame.close();
        scope.postMessage({ type: 'taken', track: message.track });
      }
      break;
    case 'attach': {
      const { attachment: id, track, observer, writable } = message;
      attachments.set(id, {
        track,
        observer,
        sender: new ViewerSender(writable, nowMs, () => sharedTrackOf(id)?.needKeyFrame(String(id))),
        codec: undefined,
      });
      const streams = early.get(id);
      if (streams) transform(id, streams);
      break;
    }
    case 'streams':
      transform(message.attachment, message);
      break;
    case 'expect': {
      const { attachment: id, codec } = message;
      const attachment = attachments.get(id);
      if (!attachment || attachment.codec === codec) break;
      leave(id);
      attachment.codec = codec;
      sharedTrack(attachment.track, codec).expect(String(id));
      break;
    }
    case 'share': {
      const { attachment: id, codec } = message;
      const attachment = attachments.get(id);
      if (!attachment) break;
      if (attachment.codec !== codec) leave(id);
      attachment.codec = codec;
      attachment.sender.share();
      sharedTrack(attachment.track, codec).add(String(id), attachment.sender, attachment.observer);
      break;
    }
    case 'pass':
      leave(message.attachment);
      break;
    case 'detach':
      leave(message.attachment);
      attachments.get(message.attachment)?.sender.close();
      attachments.delete(message.attachment);
      early.delete(message.attachment);
      break;
    case 'key-frame':
      sharedTrackOf(message.attachment)?.oweKeyFrame(String(message.attachment));
      break;
    case 'hold':
      attachments.get(message.attachment)?.sender.hold();
      break;
    case 'resume':
      attachments.get(message.attachment)?.sender.resume();
      sharedTrackOf(message.attachment)?.oweKeyFrame(String(message.attachment));
      break;
    case 'allowed': {
      const allowed = new Map(message.rates.map(({ attachment, bps }) => [String(attachment), bps]));
      for (const track of allShared()) track.setAllowed(allowed);
      break;
    }
    case 'report':
      report(message.id);
  }
}

function allShared(): SharedTrack[] {
  return [...shared.values()].flatMap((byCodec) => [...byCodec.values()]);
}

/** What cannot be encoded in time is not asked for any longer. */
function lookAtLoad(): void {
  const counts = { offered: 0, skipped: 0 };
  for (const { counts: each } of allShared()) {
    counts.offered += each.offered;
    counts.skipped += each.skipped;
  }
  const waited = { ms: 0, count: 0 };
  for (const { sender } of attachments.values()) {
    const { ms, count } = sender.takeWaited();
    waited.ms += ms;
    waited.count += count;
  }
  const changed = load.update(
    {
      // A track that has ended took its counts with it.
      offered: Math.max(0, counts.offered - lastCounts.offered),
      skipped: Math.max(0, counts.skipped - lastCounts.skipped),
      waitMs: waited.count > 0 ? waited.ms / waited.count : null,
    },
    nowMs(),
  );
  lastCounts = counts;
  if (changed) for (const track of allShared()) track.setLoadScale(load.scale);
}

function report(id: number): void {
  scope.postMessage({
    type: 'report',
    id,
    loadScale: load.scale,
    encoders: allShared().flatMap((each) => each.stats()),
    attachments: [...attachments].flatMap(([attachment, { codec, sender }]) =>
      codec
        ? sender
            .stats(sharedTrackOf(attachment)?.rungOf(String(attachment)) ?? null)
            .map((sharing) => ({ attachment, sharing }))
        : [],
    ),
  });
}

scope.onmessage = ({ data }) => {
  try {
    onMessage(data);
  } catch (error) {
    const message = `${data.type}: ${error instanceof Error ? error.message : String(error)}`;
    scope.postMessage({ type: 'log', level: 'warn', message });
  }
};
scope.onrtctransform = ({ transformer: { options, readable, writable } }) => {
  transform(options.attachment, { readable, writable });
};
setInterval(() => {
  for (const track of allShared()) track.tick();
}, TICK_EVERY_MS);
setInterval(lookAtLoad, LOAD_EVERY_MS);
