import type {
  ChannelFromViewer,
  ChannelToViewer,
  HostTiming,
  ReceiverReport,
  TrackMap,
} from '../../protocol/data-channel.ts';
import { type IceServer, type MediaSettings, type VideoCodec, videoCodec } from '../../protocol/hello.ts';
import type { SenderStats, ViewerStats } from '../../protocol/stats.ts';
import type { Track } from '../../protocol/track.ts';
import type { IceCandidate, ViewerAnswer, ViewerControl, ViewerState } from '../../protocol/viewer.ts';
import type { ViewerSaid } from '../../protocol/viewer-channel.ts';
import type { CodecFormat } from './codec-format.ts';
import { preferCodecs, putFirst, sendableFormats } from './codec-order.ts';
import { EncoderError, errorText } from './encoder-error.ts';
import { whyNativeSoftware } from './hardware.ts';
import { parseOffer } from './offer-check.ts';
import { withBitrates } from './sdp-bitrate.ts';
import { type IceDescription, iceOf, withIceRestart } from './sdp-ice.ts';
import { withTrackNames } from './sdp-msid.ts';
import { type OpusSettings, opusSettings, withOpus, withOpusNack } from './sdp-opus.ts';
import { formatParameters, type MediaSection, parseSdp, rtpEncodings, writeSdp } from './sdp-sections.ts';
import { withReceiverRtt } from './sdp-xr.ts';
import type { Attachment, ConnectionRate, SenderMedia } from './sender-media.ts';
import { type Counters, readSenders, statsEntries } from './sender-stats.ts';
import { connectionLimits, priorityOf, trackLimits } from './track-limits.ts';
import { matchTracks, selectTracks, type TrackMatch } from './track-match.ts';
import { ViewerChannel } from './viewer-channel.ts';

export interface ViewerOptions {
  id: string;
  /** It only looks on; see protocol/viewer.ts. */
  observer: boolean;
  settings: MediaSettings;
  media: SenderMedia;
  onState: (state: ViewerState['state']) => void;
  onWarning: (message: string) => void;
  /** The viewer's data channel is open, or no more. */
  onChannel: (isOpen: boolean) => void;
  /** What it said there that is for the host. @throws EncoderError, which the viewer is told */
  onSaid: (message: ViewerSaid['message']) => void;
  /** A paused track is wanted again: its last picture is due. */
  onResumed: (trackName: string) => void;
}

export interface ViewerRequest {
  sdp: string;
  codecs: readonly VideoCodec[];
  /** Names that the viewer asked for, or null for all. */
  names: readonly string[] | null;
  tracks: readonly Track[];
}

type Answer = Pick<ViewerAnswer, 'sdp' | 'tracks'>;

/** Sound is small and a gap in it is heard, so it goes first. */
const AUDIO_PRIORITY: RTCPriorityType = 'high';
const VIDEO_NETWORK_PRIORITY: RTCPriorityType = 'medium';

/** A page in the background reports less often than once a second; older than this and it says nothing of now. */
const RECEIVER_REPORT_MS = 3000;

/** One viewer: its RTCPeerConnection, from the offer to the end. Chromium's knobs are explained in ENGINE-NOTES.md. */
export class ViewerConnection {
  readonly id: string;
  readonly #options: ViewerOptions;
  readonly #connection: RTCPeerConnection;
  readonly #channel: ViewerChannel;
  readonly #nameByMid = new Map<string, string>();
  readonly #attachments = new Map<string, Attachment>();
  readonly #paused = new Set<string>();
  /** The offer as it was applied, for ICE restarts. */
  #appliedOffer = '';
  #startKbps = 0;
  #describing: Promise<void> = Promise.resolve();
  #matches: readonly TrackMatch[] = [];
  #counters: Counters = new Map();
  /** What the viewer has told last of its own measurements. */
  #receivers: { tracks: ReceiverReport['data']['tracks']; atMs: number } | undefined;
  #implementations = new Map<string, Pick<SenderStats, 'implementation' | 'hardware'>>();
  #capBps: number | undefined;
  #closed = false;

  constructor(options: ViewerOptions) {
    this.id = options.id;
    this.#options = options;
    this.#connection = new RTCPeerConnection({
      ...options.media.connectionOptions,
      iceServers: options.settings.ice_servers.map(toRtcIceServer),
    });
    this.#connection.onconnectionstatechange = () => {
      const { connectionState } = this.#connection;
      if (connectionState === 'closed') return;
      this.#options.onState(connectionState);
      // The host forgets a failed viewer, which then connects anew; nothing could restart this one.
      if (connectionState === 'failed') this.close();
    };
    this.#channel = new ViewerChannel({
      nowMs: () => performance.now(),
      // Without the attribute it is 64 KiB (RFC 8841 section 6.1).
      maxMessageBytes: () => this.#connection.sctp?.maxMessageSize ?? 65_536,
      greeting: () => this.#trackMap(),
      onOpen: (isOpen) => {
        if (!this.#closed) options.onChannel(isOpen);
      },
      onMessage: (message) => this.#onMessage(message),
      onWarning: options.onWarning,
    });
    this.#connection.ondatachannel = ({ channel }) => this.#channel.adopt(channel);
  }

  get state(): ViewerState['state'] {
    return this.#closed ? 'closed' : this.#connection.connectionState;
  }

  get trackNames(): string[] {
    return [...this.#nameByMid.values()];
  }

  /** Does this viewer get media of the track at this moment? */
  watches(trackName: string): boolean {
    return this.state === 'connected' && this.trackNames.includes(trackName) && !this.#paused.has(trackName);
  }

  /** Some sender's encoder is not known by name yet (see encoder-name.ts). */
  get wantsEncoderNames(): boolean {
    return this.state === 'connected' && this.#implementations.size < this.#videoCount();
  }

  /** @throws EncoderError `malformed-offer`, `no-common-codec`, `unknown-track` */
  async answer({ sdp, codecs, names, tracks }: ViewerRequest): Promise<Answer> {
    const offer = parseOffer(sdp);
    // RFC 9143 needs it, plain RTP clients leave it out; the number is only ours, so that sections can be named.
    for (const [index, section] of offer.media.entries()) {
      if (section.mid !== '') continue;
      section.mid = String(index);
      section.lines.push(`a=mid:${index}`);
    }
    const matches = matchTracks(selectTracks(tracks, names), offer.media);
    if (matches.length === 0) throw nothingToSend(offer.media, tracks);
    this.#matches = matches;
    const canSend = sendableFormats(RTCRtpSender.getCapabilities('video')?.codecs ?? []);
    const codecByMid = new Map<string, VideoCodec>();
    for (const { mid, track } of matches) {
      if (track.kind !== 'video') continue;
      codecByMid.set(mid, preferCodecs(sectionOf(offer.media, mid), codecs, canSend));
    }
    const limits = connectionLimits(this.#options.settings, tracksOf(matches));
    const most = this.#options.media.connectionMostBps?.(
      matches.map(({ mid, track }) => ({ track, codec: codecByMid.get(mid) })),
    );
    const maxBps = most ?? limits.maxBps;
    const startBps = Math.min(limits.startBps, maxBps);
    this.#startKbps = Math.round(startBps / 1000);
    this.#appliedOffer = withOpus(
      withBitrates(writeSdp(offer), { startBps, maxBps }),
      opusByMid(matches, this.#options.settings),
    );
    await this.#applyOffer();
    // All in one turn: Chromium lets a new sender's frames go past a transform that is set any later.
    await Promise.all(
      this.#connection.getTransceivers().map(async (transceiver) => {
        const match = matches.find(({ mid }) => mid === transceiver.mid);
        if (match) await this.#attach(match, transceiver, codecByMid.get(match.mid), maxBps);
        // A refused m-line's transceiver is stopped, which only shows as its direction.
        else if (transceiver.direction !== 'stopped') transceiver.direction = 'inactive';
      }),
    );
    await this.#connection.setLocalDescription();
    this.#watchGoodbye();
    await this.#tuneSenders(matches);
    await this.#gathered();
    return this.#describe(matches);
  }

  /** @throws EncoderError `malformed-fragment` for a candidate that cannot be read */
  async addCandidates(candidates: readonly IceCandidate[], end: boolean): Promise<void> {
    for (const { mid, candidate } of candidates) {
      try {
        await this.#connection.addIceCandidate({ candidate: candidate.replace(/^a=/, ''), sdpMid: mid });
      } catch (cause) {
        throw new EncoderError(
          'malformed-fragment',
          `the candidate ${JSON.stringify(candidate)} of m-line ${JSON.stringify(mid)} was not taken: ${errorText(cause)}`,
          'send the candidates of RTCPeerConnection.onicecandidate as they are',
          { cause },
        );
      }
    }
    if (end) await this.#connection.addIceCandidate().catch(() => {});
  }

  /**
   * Begins the estimate of the link anew, and forgets what was sent: nothing of it is sent again. The descriptions that both
   * sides have agreed on are applied once more, with other `x-google-*-bitrate`: Chromium makes its send streams anew then,
   * whose packet histories are empty, and takes a changed start bitrate as its estimate. The viewer is not involved.
   */
  restartRate(rate: ConnectionRate): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed) return;
      // Chromium takes only a start bitrate that is another than the last one, and it counts in kbps.
      const startBps = rate.startBps + (Math.round(rate.startBps / 1000) === this.#startKbps ? 1000 : 0);
      this.#startKbps = Math.round(startBps / 1000);
      this.#appliedOffer = withBitrates(this.#appliedOffer, { ...rate, startBps });
      await this.#applyOffer();
      await this.#connection.setLocalDescription();
    });
  }

  /** @throws EncoderError `malformed-fragment` */
  restart(restart: IceDescription): Promise<IceDescription> {
    return this.#inTurn(() => this.#restartIce(restart));
  }

  async #restartIce(restart: IceDescription): Promise<IceDescription> {
    const before = this.#appliedOffer;
    this.#appliedOffer = withIceRestart(before, restart);
    try {
      await this.#applyOffer();
    } catch (cause) {
      this.#appliedOffer = before;
      throw new EncoderError(
        'malformed-fragment',
        `ICE was not restarted: ${errorText(cause)}`,
        'send a=ice-ufrag, a=ice-pwd and a=candidate lines as the browser made them (RFC 8840)',
        { cause },
      );
    }
    // Listened for beforehand: the state is still the first gathering's `complete` when the description has been set.
    const gathered = this.#gathered(true);
    await this.#connection.setLocalDescription();
    await gathered;
    const own = iceOf(this.#connection.localDescription?.sdp ?? '');
    if (!own)
      throw new EncoderError('encoder-failed', 'no ICE credentials after the restart', 'connect anew');
    return own;
  }

  /** @param captures whether the page captures at this moment, which is when Chromium tells the encoders' names */
  async stats(captures: boolean): Promise<ViewerStats> {
    const report = statsEntries(await this.#connection.getStats());
    const read = readSenders(report, this.#counters, this.#nameByMid);
    this.#counters = report;
    const told = this.#receivers;
    const receivers = told && performance.now() - told.atMs < RECEIVER_REPORT_MS ? told.tracks : undefined;
    for (const sender of read.senders) {
      const { implementation, hardware } = sender;
      if (captures && implementation) this.#implementations.set(sender.name, { implementation, hardware });
      else Object.assign(sender, this.#implementations.get(sender.name));
      const attachment = this.#attachments.get(sender.name);
      attachment?.sent?.(sender.codec);
      Object.assign(sender, attachment?.report());
      if (this.#paused.has(sender.name)) sender.paused = true;
      const receiver = receivers?.[sender.name];
      if (receiver) sender.receiver = receiver;
      if (sender.kind === 'video' && sender.hardware === false)
        sender.hardware_reason ??= await this.#whySoftware(sender);
    }
    const channel = this.#channel.stats;
    return {
      viewer_id: this.id,
      state: this.state,
      ...(this.#capBps === undefined ? {} : { bitrate_cap_bps: this.#capBps }),
      ...(this.#options.observer ? { observer: true } : {}),
      ...read,
      ...(channel ? { channel } : {}),
    };
  }

  async #whySoftware({ codec, width, height }: SenderStats): Promise<string> {
    const parsed = videoCodec.safeParse(codec.toLowerCase());
    if (!parsed.success || !width || !height) return 'nothing is encoded yet';
    return whyNativeSoftware(
      this.#options.settings.hardware,
      parsed.data,
      { width, height },
      performance.now(),
    );
  }

  /** Encoders change with size and load (hardware to software): ask for their names again. */
  forgetEncoderNames(): void {
    this.#implementations.clear();
  }

  /** @throws EncoderError `codec-not-agreed` */
  async control(control: ViewerControl['control']): Promise<void> {
    switch (control.type) {
      case 'key-frame':
        await Promise.all([...this.#attachments.values()].map((each) => each.requestKeyFrame?.()));
        break;
      case 'bitrate-cap':
        await this.#setCap(control.max_bitrate_bps);
        break;
      case 'codec':
        await this.#inTurn(() => this.#setCodec(control.codec));
    }
  }

  async #setCap(capBps: number | null): Promise<void> {
    this.#capBps = capBps ?? undefined;
    const connectionBps = capBps ?? Number.POSITIVE_INFINITY;
    const video = this.#matches.filter(({ track }) => track.kind === 'video');
    await Promise.all(
      video.map(({ track }) => {
        const { maxBps } = trackLimits(this.#options.settings, track);
        const trackBps = Math.round(Math.min(maxBps, connectionBps / video.length));
        return this.#attachments.get(track.name)?.setCap?.({ connectionBps, trackBps });
      }),
    );
  }

  /**
   * What comes first in the remote description is sent (codec-order.ts): the one that was agreed on is applied once more, in
   * another order. The viewer is not involved, it can decode all that it agreed on.
   */
  async #setCodec(codec: VideoCodec): Promise<void> {
    const offer = parseSdp(this.#appliedOffer);
    const video = this.#matches.filter(({ track }) => track.kind === 'video');
    const formats = new Map<string, CodecFormat>();
    for (const { mid, track } of video) {
      const format = putFirst(sectionOf(offer.media, mid), codec);
      if (!format) throw notAgreed(codec, sectionOf(offer.media, mid));
      formats.set(track.name, format);
    }
    const attachments = video.flatMap(({ track }) => {
      const attachment = this.#attachments.get(track.name);
      return attachment ? [{ attachment, format: formats.get(track.name) }] : [];
    });
    await Promise.all(attachments.map(({ attachment }) => attachment.leaveCodec?.()));
    this.#appliedOffer = writeSdp(offer);
    await this.#applyOffer();
    await this.#connection.setLocalDescription();
    for (const { attachment, format } of attachments) if (format) attachment.takeCodec?.(format);
  }

  /** Tells the viewer what it cannot measure itself. */
  sendTiming(tracks: HostTiming['data']['tracks']): void {
    const own = Object.fromEntries(Object.entries(tracks).filter(([name]) => this.trackNames.includes(name)));
    this.tell({ scope: 'runtime', data: { type: 'host_timing', data: { tracks: own } } });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const attachment of this.#attachments.values()) attachment.close();
    this.#attachments.clear();
    this.#connection.close();
    this.#options.onState('closed');
  }

  tell(message: ChannelToViewer): void {
    this.#channel.tell(message);
  }

  #trackMap(): TrackMap {
    return {
      type: 'track_map',
      data: {
        tracks: this.#matches.map(({ mid, track: { name, kind } }) => ({
          mid,
          name,
          kind,
          paused: this.#paused.has(name),
        })),
      },
    };
  }

  /** @throws EncoderError, which the viewer is told */
  async #onMessage(message: ChannelFromViewer): Promise<void> {
    if (message.scope === 'application') {
      this.#options.onSaid(message);
      return;
    }
    const { data: request } = message;
    switch (request.type) {
      case 'pause_track':
      case 'resume_track':
        await this.#setPaused(request.data.track, request.type === 'pause_track');
        break;
      case 'ping':
        this.tell({ scope: 'runtime', data: { type: 'pong', data: request.data } });
        break;
      case 'requestTracks':
        this.tell({ scope: 'runtime', data: this.#trackMap() });
        break;
      case 'receiver_report':
        this.#receivers = { tracks: request.data.tracks, atMs: performance.now() };
        break;
      case 'requestSchema':
        this.#options.onSaid({ scope: 'runtime', data: request });
        break;
    }
  }

  /** @throws EncoderError `unknown-track` */
  async #setPaused(track: string, paused: boolean): Promise<void> {
    const attachment = this.#attachments.get(track);
    if (!attachment) {
      throw new EncoderError(
        'unknown-track',
        `this session has no track ${track}`,
        `its tracks are: ${this.trackNames.join(', ')}`,
      );
    }
    if (paused) this.#paused.add(track);
    else this.#paused.delete(track);
    await attachment.setPaused(paused);
    if (!paused) this.#options.onResumed(track);
    this.tell({ scope: 'runtime', data: { type: 'track_state', data: { track, paused } } });
  }

  /** Descriptions are set one pair after the other. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#describing.then(change);
    this.#describing = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  async #applyOffer(): Promise<void> {
    try {
      await this.#connection.setRemoteDescription({ type: 'offer', sdp: this.#appliedOffer });
    } catch (cause) {
      throw new EncoderError(
        'malformed-offer',
        `the offer was not taken: ${errorText(cause)}`,
        'send the SDP of RTCPeerConnection.createOffer() as it is',
        { cause },
      );
    }
  }

  async #attach(
    { mid, track }: TrackMatch,
    transceiver: RTCRtpTransceiver,
    likelyCodec: VideoCodec | undefined,
    mostBps: number,
  ): Promise<void> {
    transceiver.direction = 'sendonly';
    const request = {
      viewerId: this.id,
      observer: this.#options.observer,
      track,
      transceiver,
      likelyCodec,
      mostBps,
      restartRate: (rate: ConnectionRate) => this.restartRate(rate),
    };
    const attachment = await this.#options.media.attach(request);
    // Closed meanwhile: what was attached after that would never be let go.
    if (this.#closed) {
      attachment.close();
      throw new EncoderError('unknown-viewer', 'the viewer left before it was answered', 'connect anew');
    }
    this.#attachments.set(track.name, attachment);
    this.#nameByMid.set(mid, track.name);
  }

  /**
   * A browser that closes its connection says so (close_notify, RFC 8446 section 6.1), which Chromium does not make a state of
   * the connection: without this a viewer that leaves without DELETE would keep its place for 20 s.
   */
  #watchGoodbye(): void {
    const transport = this.#connection.getSenders().find((sender) => sender.transport)?.transport;
    if (!transport) return;
    transport.onstatechange = () => {
      if (transport.state === 'closed') this.close();
    };
  }

  async #tuneSenders(matches: readonly TrackMatch[]): Promise<void> {
    for (const transceiver of this.#connection.getTransceivers()) {
      const match = matches.find(({ mid }) => mid === transceiver.mid);
      if (!match) continue;
      const { sender } = transceiver;
      const parameters = sender.getParameters();
      const { track } = match;
      const video = track.kind === 'video';
      for (const encoding of parameters.encodings) {
        encoding.networkPriority = video ? VIDEO_NETWORK_PRIORITY : AUDIO_PRIORITY;
        encoding.priority = video ? priorityOf(track) : AUDIO_PRIORITY;
        if (video) encoding.maxBitrate = trackLimits(this.#options.settings, track).maxBps;
      }
      // On a narrow link motion matters more than size: measured 540p, then 360p, and back (ENGINE-NOTES, "A link squeezed").
      // The track's contentHint is left alone: `detail` would also mean screen sharing, which is 5 fps with VP9 on Chromium 114.
      if (video) {
        parameters.degradationPreference =
          track.content === 'detail' ? 'maintain-resolution' : 'maintain-framerate';
      }
      try {
        await sender.setParameters(parameters);
      } catch (error) {
        this.#options.onWarning(`${match.track.name}: limits were not set: ${errorText(error)}`);
      }
    }
  }

  /**
   * Waits until all our candidates are known, or as long as the answer may wait.
   *
   * @param isAnew gathering is about to begin once more
   */
  #gathered(isAnew = false): Promise<void> {
    const connection = this.#connection;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        connection.removeEventListener('icegatheringstatechange', check);
        resolve();
      };
      const check = () => {
        if (connection.iceGatheringState === 'complete') done();
      };
      const timer = setTimeout(done, this.#options.settings.gather_limit_ms);
      connection.addEventListener('icegatheringstatechange', check);
      if (!isAnew) check();
    });
  }

  #describe(matches: readonly TrackMatch[]): Answer {
    const local = parseSdp(this.#connection.localDescription?.sdp ?? '');
    const tracks: Answer['tracks'] = [];
    for (const { mid, track } of matches) {
      const section = sectionOf(local.media, mid);
      const [[payloadType, { name }] = ['', { name: '' }]] = rtpEncodings(section);
      tracks.push({ name: track.name, kind: track.kind, mid, codec: name });
      this.#attachments
        .get(track.name)
        ?.start({ codec: name.toLowerCase(), parameters: formatParameters(section, payloadType) });
    }
    const named = withTrackNames(writeSdp(local), this.#nameByMid);
    const opus = withOpus(
      withReceiverRtt(named, this.#appliedOffer),
      opusByMid(matches, this.#options.settings),
    );
    const sdp = withOpusNack(opus, this.#appliedOffer);
    return { sdp, tracks };
  }

  #videoCount(): number {
    return [...this.#counters.values()].filter(
      ({ type, kind, mid }) =>
        type === 'outbound-rtp' && kind === 'video' && this.#nameByMid.has(String(mid)),
    ).length;
  }
}

function toRtcIceServer({ urls, username, credential }: IceServer): RTCIceServer {
  return {
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  };
}

function opusByMid(matches: readonly TrackMatch[], settings: MediaSettings): Map<string, OpusSettings> {
  const byMid = new Map<string, OpusSettings>();
  for (const { mid, track } of matches)
    if (track.kind === 'audio') byMid.set(mid, opusSettings(track, settings));
  return byMid;
}

function tracksOf(matches: readonly TrackMatch[]): Track[] {
  return matches.map(({ track }) => track);
}

function sectionOf(sections: readonly MediaSection[], mid: string): MediaSection {
  const section = sections.find((each) => each.mid === mid);
  if (!section)
    throw new EncoderError('encoder-failed', `no m-line ${mid} in the description`, 'connect anew');
  return section;
}

function notAgreed(codec: VideoCodec, section: MediaSection): EncoderError {
  const names = [...rtpEncodings(section).values()].map(({ name }) => name).filter((name) => name !== 'rtx');
  return new EncoderError(
    'codec-not-agreed',
    `${codec} was not agreed on with this viewer, but ${[...new Set(names)].join(', ')}`,
    'a viewer that asked for ?codec= has only that; the others follow --codec and what their browser can decode',
  );
}

function nothingToSend(sections: readonly MediaSection[], tracks: readonly Track[]): EncoderError {
  const kinds = (list: readonly { kind: string }[]) => list.map(({ kind }) => kind).join(', ') || 'none';
  return new EncoderError(
    'malformed-offer',
    `the offer has no m-line that could receive a track: its m-lines are ${kinds(sections)}, the tracks ${kinds(tracks)}`,
    "offer at least one transceiver with direction 'recvonly' of the kind of a track",
  );
}
