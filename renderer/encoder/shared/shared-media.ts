import type { MediaSettings, VideoCodec } from '../../../protocol/hello.ts';
import { videoCodec } from '../../../protocol/hello.ts';
import type { SenderStats, SharedEncoderStats } from '../../../protocol/stats.ts';
import type { Track } from '../../../protocol/track.ts';
import { type CodecFormat, mayFragment } from '../codec-format.ts';
import { EncoderError, errorText } from '../encoder-error.ts';
import { NativeMedia } from '../native-media.ts';
import type { PageLog } from '../page-log.ts';
import { opusSettings } from '../sdp-opus.ts';
import { changeEncodings } from '../sender-encodings.ts';
import type { Attachment, AttachRequest, Cap, SenderMedia } from '../sender-media.ts';
import { encodingName, statsEntries } from '../sender-stats.ts';
import { type HostLimits, trackLimits } from '../track-limits.ts';
import { chooseMedia, type EncoderMode } from './choose-media.ts';
import { enoughBps } from './enough-rate.ts';
import { connectionOptions, MediaWorker } from './media-worker.ts';
import { linkFor, rateWeight, shareRate } from './rate-follow.ts';
import type { PictureArrival } from './stage-times.ts';
import { ViewerLink } from './viewer-link.ts';
import type { AttachmentReport } from './worker-message.ts';

/** A link that falls has to be noticed at once... */
const LOOK_EVERY_MS = 50;
/** ... but reading statistics costs about 0.5 ms: for many viewers it is forty readings a second, together. */
const LOOK_EVERY_MS_PER_VIEWER = 25;
/** Statistics are read once a second, and the first picture of another encoder takes up to 300 ms. */
const CODEC_SETTLES_MS = 3000;

interface SharedAttachment {
  id: number;
  viewerId: string;
  request: AttachRequest;
  standIn: MediaStreamTrack;
  codec: VideoCodec | undefined;
  /** Its media while Chromium's own encoder is used. */
  native: Attachment | undefined;
  media: 'shared' | 'native' | undefined;
  /** Why that one. */
  reason: string;
  cap: Cap | undefined;
  /** An operator has changed the codec: what statistics tell meanwhile may still be the one before. */
  settlesMs: number;
  /** Why Chromium's own encoder has to be this viewer's, whatever the others have. */
  ownReason: string | null;
  /** DTLS is up: what is written from now on reaches the viewer. */
  connected: boolean;
  /** Changes of one attachment happen one after the other. */
  changing: Promise<void>;
  paused: boolean;
  closed: boolean;
  report: AttachmentReport | undefined;
}

interface Source {
  track: Track;
  width: number;
  height: number;
}

/** One shared encoder a track and codec for all viewers, or Chromium's own for each: see choose-media.ts. */
export class SharedMedia implements SenderMedia {
  readonly #native = new NativeMedia();
  readonly #log: PageLog;
  readonly #attachments = new Map<number, SharedAttachment>();
  readonly #sources = new Map<string, Source>();
  /** Why a track's codec is not shared any more, by `track codec`. */
  readonly #unable = new Map<string, string>();
  /** Of all its audio tracks, by viewer. */
  readonly #audioBps = new Map<string, number>();
  readonly #links = new Map<string, ViewerLink>();
  #worker: MediaWorker | undefined;
  #broken: string | null = null;
  #mode: EncoderMode = 'native';
  #nextId = 1;
  #settings: HostLimits & Pick<MediaSettings, 'audio_bitrate_bps'> = {
    start_bitrate_bps: 0,
    min_bitrate_bps: 0,
    max_bitrate_bps: 0,
    audio_bitrate_bps: 0,
  };
  #loadScale = 1;
  #polling = false;
  #encoders: readonly SharedEncoderStats[] = [];

  constructor(log: PageLog) {
    this.#log = log;
  }

  get connectionOptions(): RTCConfiguration {
    return this.#worker ? connectionOptions() : {};
  }

  /** Of the last report; for the page's statistics. */
  get encoders(): readonly SharedEncoderStats[] {
    return this.#encoders;
  }

  /** See LoadPolicy; of the last report. */
  get loadScale(): number {
    return this.#loadScale;
  }

  /** To be called before the first viewer. */
  useSettings(settings: MediaSettings): void {
    this.#mode = settings.encoder;
    this.#settings = settings;
    if (this.#mode === 'native' || this.#broken !== null) return;
    this.#worker ??= this.#startWorker();
    this.#worker?.post({
      type: 'settings',
      settings: {
        codecs: settings.codecs,
        startBps: settings.start_bitrate_bps,
        minBps: settings.min_bitrate_bps,
        maxBps: settings.max_bitrate_bps,
        maxRungs: settings.max_rungs,
        hardware: settings.hardware,
      },
    });
  }

  setTracks(tracks: readonly Track[]): void {
    this.#native.setTracks(tracks);
    for (const track of tracks) {
      this.#sources.set(track.name, { track, ...this.#sizeOf(track) });
    }
    // Another model may well have pictures that can be encoded.
    this.#unable.clear();
    this.#worker?.post({
      type: 'tracks',
      tracks: tracks.flatMap((track) =>
        track.kind === 'video'
          ? [
              {
                name: track.name,
                fps: track.fps,
                content: track.content ?? 'motion',
                ...trackLimits(this.#settings, track),
              },
            ]
          : [],
      ),
    });
  }

  async writeVideo(trackName: string, frame: VideoFrame, arrival?: PictureArrival): Promise<void> {
    const source = this.#sources.get(trackName);
    if (source) {
      // What failed at one size may work at another.
      if (source.width !== frame.displayWidth || source.height !== frame.displayHeight) {
        source.width = frame.displayWidth;
        source.height = frame.displayHeight;
        this.#forgetFailures(trackName);
      }
    }
    const used = { shared: false, native: false };
    for (const { request, media, paused } of this.#attachments.values()) {
      if (request.track.name === trackName && media && !paused) used[media] = true;
    }
    if (used.shared && used.native) {
      await Promise.all([
        this.#native.writeVideo(trackName, frame.clone()),
        this.#worker?.writeVideo(trackName, frame, arrival),
      ]);
    } else if (used.shared && this.#worker) {
      await this.#worker.writeVideo(trackName, frame, arrival);
    } else {
      await this.#native.writeVideo(trackName, frame);
    }
  }

  writeAudio(trackName: string, sound: AudioData): Promise<void> {
    return this.#native.writeAudio(trackName, sound);
  }

  connectionMostBps(tracks: readonly { track: Track; codec: VideoCodec | undefined }[]): number | undefined {
    if (!this.#worker) return undefined;
    const video = tracks.filter(({ track }) => track.kind === 'video');
    if (video.some(({ track }) => this.#sizeOf(track).width === 0)) return undefined;
    const audioBps = tracks.reduce((sum, { track }) => sum + this.#opusBps(track), 0);
    const mostBps = video.map(({ track, codec }) => this.#mostBps(track, codec, 1));
    const { start_bitrate_bps, max_bitrate_bps } = this.#settings;
    // Not less than it begins with: the next picture may be larger, and more than this means to begin the link anew.
    return Math.min(max_bitrate_bps, Math.max(start_bitrate_bps, linkFor(mostBps, audioBps)));
  }

  async attach(request: AttachRequest): Promise<Attachment> {
    const { track, viewerId, transceiver, observer } = request;
    if (track.kind === 'audio') return this.#attachAudio(request);
    if (!this.#worker) return this.#attachNative(request);
    if (!this.#sources.has(track.name)) {
      throw new EncoderError(
        'unknown-track',
        `the model has no track ${track.name} any more`,
        'connect again',
      );
    }
    const standIn = new MediaStreamTrackGenerator({ kind: 'video' });
    const attachment: SharedAttachment = {
      id: this.#nextId++,
      viewerId,
      request,
      standIn,
      codec: undefined,
      native: undefined,
      media: undefined,
      reason: '',
      ownReason: null,
      cap: undefined,
      settlesMs: 0,
      connected: false,
      changing: Promise.resolve(),
      paused: false,
      closed: false,
      report: undefined,
    };
    const { writable } = standIn;
    const attach = {
      type: 'attach',
      attachment: attachment.id,
      track: track.name,
      observer,
      writable,
    } as const;
    this.#worker.post(attach, [writable as unknown as Transferable]);
    this.#worker.transform(attachment.id, transceiver.sender);
    this.#attachments.set(attachment.id, attachment);
    if (request.likelyCodec) {
      attachment.codec = request.likelyCodec;
      this.#chooseAll(track.name, request.likelyCodec);
    }
    try {
      await transceiver.sender.replaceTrack(standIn);
    } catch (error) {
      this.#close(attachment);
      throw error;
    }
    return {
      start: (format) => this.#start(attachment, format),
      sent: (codec) => this.#follow(attachment, codec),
      report: () => this.#report(attachment),
      setPaused: (paused) => this.#setPaused(attachment, paused),
      requestKeyFrame: () => this.#requestKeyFrame(attachment),
      setCap: async (cap) => {
        attachment.cap = cap;
        await this.#limitSender(attachment);
      },
      leaveCodec: () => this.#leaveCodec(attachment),
      takeCodec: (format) => this.#takeCodec(attachment, format),
      close: () => this.#close(attachment),
    };
  }

  /** Asks the worker how it does; call it about once a second. */
  async refreshReport(): Promise<void> {
    const report = await this.#worker?.report();
    if (!report) return;
    this.#encoders = report.encoders;
    this.#loadScale = report.loadScale;
    for (const each of report.attachments) {
      const attachment = this.#attachments.get(each.attachment);
      if (attachment) attachment.report = each;
    }
  }

  #startWorker(): MediaWorker | undefined {
    try {
      return new MediaWorker({
        onFailed: ({ track, codec, reason }) => {
          this.#unable.set(key(track, codec), reason);
          this.#log.warn(
            `${track}: the shared ${codec} encoder gave up, each viewer gets its own: ${reason}`,
          );
          this.#chooseAll(track, codec);
        },
        onLog: ({ level, message }) => this.#log[level](`encoder worker: ${message}`),
        onBroken: (reason) => {
          this.#broken = reason;
          this.#log.error(`the encoder worker broke, each viewer gets its own encoder: ${reason}`);
          for (const { request, codec } of [...this.#attachments.values()]) {
            if (codec) this.#chooseAll(request.track.name, codec);
            MediaWorker.release(request.transceiver.sender);
          }
        },
      });
    } catch (error) {
      this.#broken = errorText(error);
      this.#log.error(`no encoder worker, each viewer gets its own encoder: ${this.#broken}`);
      return undefined;
    }
  }

  /** Without a worker there is nothing to choose. */
  async #attachNative(request: AttachRequest): Promise<Attachment> {
    const attachment = await this.#native.attach(request);
    const encoder_reason = this.#broken ?? 'asked for';
    return { ...attachment, report: () => ({ encoder: 'native', encoder_reason }) };
  }

  async #attachAudio(request: AttachRequest): Promise<Attachment> {
    const attachment = await this.#native.attach(request);
    if (this.#worker) MediaWorker.passThrough(request.transceiver.sender);
    const { viewerId, track } = request;
    const bps = this.#opusBps(track);
    this.#audioBps.set(viewerId, (this.#audioBps.get(viewerId) ?? 0) + bps);
    let open = true;
    return {
      ...attachment,
      close: () => {
        if (!open) return;
        open = false;
        const left = (this.#audioBps.get(viewerId) ?? bps) - bps;
        if (left > 0) this.#audioBps.set(viewerId, left);
        else this.#audioBps.delete(viewerId);
        attachment.close();
      },
    };
  }

  #opusBps(track: Track): number {
    return track.kind === 'audio' ? opusSettings(track, this.#settings).bitrateBps : 0;
  }

  #start(attachment: SharedAttachment, format: CodecFormat): void {
    const { codec } = format;
    const parsed = videoCodec.safeParse(codec);
    const agreed = parsed.success ? parsed.data : undefined;
    // Another than the likely one: what was got ready for that is let go.
    if (attachment.codec !== agreed) attachment.media = undefined;
    attachment.codec = agreed;
    if (attachment.codec === undefined) {
      this.#change(attachment, 'native', `${codec} is not encoded by WebCodecs`);
      return;
    }
    this.#useSlices(attachment, format);
    const transport = attachment.request.transceiver.sender.transport;
    const onState = () => {
      if (transport?.state !== 'connected') return;
      transport.removeEventListener('statechange', onState);
      attachment.connected = true;
      this.#share(attachment);
      this.#pollSoon();
    };
    transport?.addEventListener('statechange', onState);
    this.#chooseAll(attachment.request.track.name, attachment.codec);
    void this.#limitSender(attachment);
    onState();
  }

  /** One viewer more or less, or a failure: who has which encoder is decided again. */
  #chooseAll(track: string, codec: VideoCodec): void {
    const all = [...this.#attachments.values()].filter(
      (each) => each.request.track.name === track && each.codec === codec,
    );
    const unable = this.#broken ?? this.#unable.get(key(track, codec)) ?? null;
    const viewers = all.length;
    for (const attachment of all) {
      const { media, reason } = chooseMedia({
        mode: this.#mode,
        codec,
        viewers,
        unable: attachment.ownReason ?? unable,
      });
      // Going back to Chromium's own is done only for cause: each change costs the viewer a key frame.
      const isForced = attachment.ownReason !== null || unable !== null;
      if (attachment.media === 'shared' && media === 'native' && !isForced) continue;
      this.#change(attachment, media, reason);
    }
  }

  /**
   * When Chromium's own encoder of a codec fails, it goes on with the next that was agreed on, in the same connection
   * (seen with H.264 at 8x8 in 114 and 156): from then on that is the codec of this viewer, shared where it can be.
   */
  #follow(attachment: SharedAttachment, sent: string): void {
    const parsed = videoCodec.safeParse(sent.toLowerCase());
    const { codec: before, request, viewerId } = attachment;
    if (!parsed.success || before === undefined || parsed.data === before || attachment.closed) return;
    if (performance.now() < attachment.settlesMs) return;
    const { name } = request.track;
    this.#log.warn(`${name}: no ${before} encoder works, it goes on with ${parsed.data}`, viewerId);
    attachment.codec = parsed.data;
    attachment.media = attachment.native ? 'native' : undefined;
    this.#chooseAll(name, parsed.data);
  }

  async #requestKeyFrame({ id, media, native }: SharedAttachment): Promise<void> {
    if (media === 'native') await native?.requestKeyFrame?.();
    else this.#worker?.post({ type: 'key-frame', attachment: id });
  }

  /** Access units of one codec in the packets of another would be garbage. */
  async #leaveCodec(attachment: SharedAttachment): Promise<void> {
    await attachment.changing;
    attachment.settlesMs = performance.now() + CODEC_SETTLES_MS;
    if (attachment.media !== 'shared') return;
    attachment.media = undefined;
    this.#worker?.post({ type: 'pass', attachment: attachment.id });
  }

  #takeCodec(attachment: SharedAttachment, format: CodecFormat): void {
    const parsed = videoCodec.safeParse(format.codec);
    if (!parsed.success || attachment.closed) return;
    attachment.codec = parsed.data;
    this.#useSlices(attachment, format);
    this.#chooseAll(attachment.request.track.name, parsed.data);
  }

  /** WebCodecs makes one slice of a picture; Chromium's own encoder makes slices that fit. */
  #useSlices(attachment: SharedAttachment, format: CodecFormat): void {
    attachment.ownReason = mayFragment(format)
      ? null
      : 'the viewer takes only slices that fit a packet (packetization-mode 0)';
  }

  #forgetFailures(track: string): void {
    const failed = [...this.#unable.keys()].filter((each) => each.startsWith(`${track} `));
    for (const each of failed) this.#unable.delete(each);
    for (const each of failed) this.#chooseAll(track, each.slice(track.length + 1) as VideoCodec);
  }

  #change(attachment: SharedAttachment, media: 'shared' | 'native', reason: string): void {
    if (attachment.media === media || attachment.closed) return;
    attachment.media = media;
    attachment.reason = reason;
    const { request, viewerId, codec } = attachment;
    this.#log.debug(`${request.track.name}: ${media} ${codec} encoder, ${reason}`, viewerId);
    attachment.changing = attachment.changing
      .then(async () => {
        if (attachment.closed || attachment.media !== media) return;
        if (media === 'native') {
          this.#worker?.post({ type: 'pass', attachment: attachment.id });
          attachment.native = await this.#native.attach(request);
        } else {
          // Access units of one codec in the packets of another would be garbage.
          if (attachment.native)
            this.#follow(attachment, (await sentCodec(request.transceiver.sender)) ?? '');
          if (attachment.codec !== codec) return;
          await request.transceiver.sender.replaceTrack(attachment.standIn);
          attachment.native?.close();
          attachment.native = undefined;
          this.#share(attachment);
        }
        await this.#limitSender(attachment);
        // Gone while it was attached.
        if (attachment.closed) attachment.native?.close();
      })
      .catch((error: unknown) => {
        this.#log.warn(`${request.track.name}: ${errorText(error)}`, viewerId);
      });
  }

  /** Chromium's own encoder keeps to the track's limit; the stand-in's is merely the room that the pacer leaves. */
  async #limitSender({
    request: { track, transceiver },
    media,
    paused,
    cap,
  }: SharedAttachment): Promise<void> {
    const maxBps = Math.min(
      trackLimits(this.#settings, track).maxBps,
      cap?.trackBps ?? Number.POSITIVE_INFINITY,
    );
    await changeEncodings(transceiver.sender, (encoding) => {
      encoding.maxBitrate = media === 'native' ? maxBps : this.#settings.max_bitrate_bps;
      // A stand-in is paused by writing none: its encoder would begin anew.
      encoding.active = media === 'shared' || !paused;
      // The connection may have been closed meanwhile.
    }).catch(() => {});
  }

  async #setPaused(attachment: SharedAttachment, paused: boolean): Promise<void> {
    if (attachment.paused === paused || attachment.closed) return;
    attachment.paused = paused;
    // After a change of media that is under way, which would undo it.
    await attachment.changing;
    if (attachment.closed) return;
    if (attachment.media === 'native') {
      await this.#limitSender(attachment);
    } else if (attachment.paused) {
      this.#worker?.post({ type: 'pass', attachment: attachment.id });
    } else {
      this.#share(attachment);
      this.#pollSoon();
    }
  }

  /** Access units begin when the connection is up: what is written before would be lost. Until then the encoder warms up. */
  #share(attachment: SharedAttachment): void {
    const { connected, codec, id, media, native } = attachment;
    if (!codec || media !== 'shared' || native || attachment.paused) return;
    this.#worker?.post({ type: connected ? 'share' : 'expect', attachment: id, codec });
  }

  #report({ request, media, reason, codec, report }: SharedAttachment): Partial<SenderStats> {
    if (!media) return {};
    const chosen = { encoder: media, encoder_reason: reason };
    if (media === 'native' || !report) return chosen;
    const encoder = this.#encoders.find(
      (each) =>
        each.track === request.track.name &&
        each.codec === codec &&
        each.rung === report.sharing.rung &&
        each.viewers > 0,
    );
    if (!encoder) return chosen;
    const { implementation, width, height, target_bitrate_bps, encode_ms, key_frames } = encoder;
    return {
      ...chosen,
      implementation: encoder.encoder_name ?? null,
      hardware: implementation === 'hardware',
      ...(encoder.hardware_reason === undefined ? {} : { hardware_reason: encoder.hardware_reason }),
      width,
      height,
      target_bitrate_bps,
      encode_ms: encode_ms?.p50 ?? null,
      frames_encoded: report.sharing.sent,
      key_frames,
      sharing: report.sharing,
    };
  }

  #close(attachment: SharedAttachment): void {
    if (attachment.closed) return;
    attachment.closed = true;
    attachment.native?.close();
    this.#attachments.delete(attachment.id);
    this.#worker?.post({ type: 'detach', attachment: attachment.id });
    attachment.standIn.stop();
  }

  #pollSoon(): void {
    if (this.#polling) return;
    this.#polling = true;
    void this.#poll();
  }

  /** Tells the worker what each viewer's link allows, as long as there are viewers. */
  async #poll(): Promise<void> {
    const byViewer = new Map<string, SharedAttachment[]>();
    for (const attachment of this.#attachments.values()) {
      if (attachment.media !== 'shared' || !attachment.connected || attachment.paused) continue;
      const { viewerId } = attachment;
      byViewer.set(viewerId, [...(byViewer.get(viewerId) ?? []), attachment]);
    }
    if (byViewer.size === 0) {
      this.#polling = false;
      return;
    }
    for (const viewerId of this.#links.keys()) if (!byViewer.has(viewerId)) this.#links.delete(viewerId);
    const rates = await Promise.all([...byViewer].map((entry) => this.#allowed(...entry)));
    this.#worker?.post({ type: 'allowed', rates: rates.flat() });
    const everyMs = Math.max(LOOK_EVERY_MS, byViewer.size * LOOK_EVERY_MS_PER_VIEWER);
    setTimeout(() => void this.#poll(), everyMs);
  }

  /** Of the track's last picture; 0x0 before the first. */
  #sizeOf({ name }: Track): { width: number; height: number } {
    const { width, height } = this.#sources.get(name) ?? { width: 0, height: 0 };
    return { width, height };
  }

  /** The most that its encoder is given, on a machine that has time for `loadScale` of it. */
  #mostBps(track: Track, codec: VideoCodec | undefined, loadScale: number): number {
    const { width, height } = this.#sizeOf(track);
    const { minBps, maxBps } = trackLimits(this.#settings, track);
    if (!codec || width === 0 || track.kind !== 'video') return maxBps;
    return Math.min(maxBps, Math.max(minBps, loadScale * enoughBps(codec, width, height, track.fps)));
  }

  async #allowed(
    viewerId: string,
    attachments: readonly SharedAttachment[],
  ): Promise<{ attachment: number; bps: number }[]> {
    const neededBps = (loadScale: number) =>
      linkFor(
        attachments.map(({ request, codec }) => this.#mostBps(request.track, codec, loadScale)),
        this.#audioBps.get(viewerId) ?? 0,
      );
    const capBps = attachments[0]?.cap?.connectionBps ?? Number.POSITIVE_INFINITY;
    const linkBps = await this.#link(viewerId, attachments)?.update(
      Math.min(capBps, neededBps(this.#loadScale)),
      Math.min(this.#settings.max_bitrate_bps, neededBps(1)),
    );
    return linkBps === undefined ? [] : this.#shares(viewerId, attachments, linkBps);
  }

  #link(viewerId: string, attachments: readonly SharedAttachment[]): ViewerLink | undefined {
    const known = this.#links.get(viewerId);
    const [first] = attachments;
    if (known || !first) return known;
    const of = () =>
      [...this.#attachments.values()].filter((each) => each.viewerId === viewerId && each.media === 'shared');
    const link = new ViewerLink(
      {
        sender: first.request.transceiver.sender,
        restartRate: first.request.restartRate,
        hold: (held, linkBps) => {
          this.#worker?.post({ type: 'allowed', rates: this.#shares(viewerId, of(), linkBps) });
          for (const { id } of of()) this.#worker?.post({ type: held ? 'hold' : 'resume', attachment: id });
        },
        log: (message) => this.#log.info(message, viewerId),
        nowMs: () => performance.now(),
      },
      first.request.mostBps,
    );
    this.#links.set(viewerId, link);
    return link;
  }

  /** What a viewer's link leaves for each of its tracks. */
  #shares(
    viewerId: string,
    attachments: readonly SharedAttachment[],
    linkBps: number,
  ): { attachment: number; bps: number }[] {
    const shares = shareRate(
      Math.min(linkBps, attachments[0]?.cap?.connectionBps ?? linkBps),
      this.#audioBps.get(viewerId) ?? 0,
      attachments.map(({ request: { track }, codec }) => {
        const { width, height } = this.#sizeOf(track);
        const own = track.kind === 'video' ? (track.weight ?? 1) : 1;
        return {
          weight: own * rateWeight(width, height),
          mostBps: this.#mostBps(track, codec, this.#loadScale),
        };
      }),
    );
    return attachments.map(({ id }, at) => ({ attachment: id, bps: shares[at] ?? 0 }));
  }
}

/** The RTP encoding name of what this sender sends; undefined before it has sent anything. */
async function sentCodec(sender: RTCRtpSender): Promise<string | undefined> {
  const report = statsEntries(await sender.getStats());
  const outbound = [...report.values()].find(({ type }) => type === 'outbound-rtp');
  return (outbound && encodingName(report, outbound)) || undefined;
}

function key(track: string, codec: VideoCodec): string {
  return `${track} ${codec}`;
}
