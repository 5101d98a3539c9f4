import type { ChannelToViewer } from '../../protocol/data-channel.ts';
import type { EncoderToHost } from '../../protocol/encoder.ts';
import type { MediaSettings } from '../../protocol/hello.ts';
import { VIEWERS_MESSAGES_PER_SECOND } from '../../protocol/limits.ts';
import { RateLimit } from '../../protocol/rate-limit.ts';
import type { TrackStats, ViewerStats } from '../../protocol/stats.ts';
import type { Track } from '../../protocol/track.ts';
import type {
  ViewerCandidates,
  ViewerClose,
  ViewerControl,
  ViewerOffer,
  ViewerRestart,
  ViewerState,
} from '../../protocol/viewer.ts';
import type { ViewerSaid } from '../../protocol/viewer-channel.ts';
import { EncoderError, errorText, toErrorInfo } from './encoder-error.ts';
import { whileCapturing } from './encoder-name.ts';
import type { PageLog } from './page-log.ts';
import type { SenderMedia } from './sender-media.ts';
import { ViewerConnection } from './viewer-connection.ts';

/** Encoders are asked for their names again after this many rounds of statistics, one a second. */
const NAMES_EVERY_ROUNDS = 30;
/** ... and so many rounds at most in a row, where they do not tell. */
const NAME_TRIES = 3;

export interface ViewersContext {
  media: SenderMedia;
  log: PageLog;
  settings: () => MediaSettings;
  tracks: () => readonly Track[];
  send: (message: EncoderToHost) => void;
  /** A viewer's media begins to flow, or flows again. */
  onConnected: (trackNames: string[]) => void;
}

type ViewerRequest = ViewerOffer | ViewerCandidates | ViewerRestart | ViewerControl | ViewerClose;

/** All viewers by id, and the host's requests about them. */
export class Viewers {
  readonly #context: ViewersContext;
  readonly #viewers = new Map<string, ViewerConnection>();
  readonly #passedOn = new RateLimit(VIEWERS_MESSAGES_PER_SECOND, VIEWERS_MESSAGES_PER_SECOND);
  #round = 0;
  #nameTries = 0;

  constructor(context: ViewersContext) {
    this.#context = context;
  }

  /** Answers every request but `viewer-close`, with what was asked for or with `request-failed`. */
  async handle(request: ViewerRequest): Promise<void> {
    if (request.type === 'viewer-close') {
      this.#viewers.get(request.viewer_id)?.close();
      return;
    }
    const { send, log } = this.#context;
    try {
      send(await this.#answer(request));
      log.debug(`${request.type} was answered`, request.viewer_id);
    } catch (error) {
      if (!(error instanceof EncoderError))
        log.error(`${request.type}: ${errorText(error)}`, request.viewer_id);
      send({ type: 'request-failed', request_id: request.request_id, error: toErrorInfo(error) });
    }
  }

  /** How many connected viewers have the track, and have not paused it. */
  watching(trackName: string): number {
    let count = 0;
    for (const viewer of this.#viewers.values()) {
      if (viewer.watches(trackName)) count += 1;
    }
    return count;
  }

  /** The host is gone and has forgotten them: they connect anew. */
  closeAll(): void {
    for (const viewer of [...this.#viewers.values()]) viewer.close();
  }

  /** One round of statistics of all viewers. Called once a second at most: getStats has a cost (ENGINE-NOTES). */
  async stats(): Promise<ViewerStats[]> {
    const all = [...this.#viewers.values()];
    this.#round += 1;
    if (this.#round % NAMES_EVERY_ROUNDS === 0) {
      this.#nameTries = 0;
      for (const viewer of all) viewer.forgetEncoderNames();
    }
    const collect = (captures: boolean) => Promise.all(all.map((viewer) => viewer.stats(captures)));
    if (!all.some((viewer) => viewer.wantsEncoderNames) || this.#nameTries >= NAME_TRIES)
      return collect(false);
    this.#nameTries += 1;
    return whileCapturing(collect);
  }

  tell(viewerIds: readonly string[], message: ChannelToViewer): void {
    for (const id of viewerIds) this.#viewers.get(id)?.tell(message);
  }

  sendTiming(tracks: readonly TrackStats[]): void {
    const timing = Object.fromEntries(
      tracks.filter(({ kind }) => kind === 'video').map(({ name, hand_over_ms }) => [name, { hand_over_ms }]),
    );
    for (const viewer of this.#viewers.values()) viewer.sendTiming(timing);
  }

  async #answer(request: Exclude<ViewerRequest, ViewerClose>): Promise<EncoderToHost> {
    const { request_id } = request;
    switch (request.type) {
      case 'viewer-offer':
        return this.#connect(request);
      case 'viewer-candidates':
        await this.#known(request.viewer_id).addCandidates(request.candidates, request.end_of_candidates);
        return { type: 'request-done', request_id };
      case 'viewer-control':
        await this.#known(request.viewer_id).control(request.control);
        return { type: 'request-done', request_id };
      case 'viewer-restart': {
        const { ice_ufrag, ice_pwd, candidates } = request;
        const own = await this.#known(request.viewer_id).restart({ ice_ufrag, ice_pwd, candidates });
        return { type: 'viewer-restarted', request_id, ...own };
      }
    }
  }

  async #connect(request: ViewerOffer): Promise<EncoderToHost> {
    const { media, log, settings, tracks, send } = this.#context;
    const { viewer_id } = request;
    if (this.#viewers.has(viewer_id)) {
      throw new EncoderError('encoder-failed', `the viewer ${viewer_id} is there already`, 'use a new id');
    }
    const viewer = new ViewerConnection({
      id: viewer_id,
      observer: request.observer ?? false,
      settings: settings(),
      media,
      onState: (state) => this.#onState(viewer, state),
      onWarning: (message) => log.warn(message, viewer_id),
      onChannel: (open) => send({ type: 'viewer-channel', viewer_id, open }),
      onSaid: (message) => this.#passOn({ type: 'viewer-said', viewer_id, message }),
      onResumed: (trackName) => this.#context.onConnected([trackName]),
    });
    this.#viewers.set(viewer_id, viewer);
    try {
      const answer = await viewer.answer({
        sdp: request.sdp,
        codecs: request.codecs,
        names: request.tracks,
        tracks: tracks(),
      });
      return { type: 'viewer-answer', request_id: request.request_id, viewer_id, ...answer };
    } catch (error) {
      viewer.close();
      throw error;
    }
  }

  #passOn(said: ViewerSaid): void {
    if (!this.#passedOn.take(1, performance.now())) {
      throw new EncoderError(
        'too-many-messages',
        `all viewers together send more than ${VIEWERS_MESSAGES_PER_SECOND} messages a second, this one is dropped`,
        'try again in a moment',
      );
    }
    this.#context.send(said);
  }

  #onState(viewer: ViewerConnection, state: ViewerState['state']): void {
    const { send, onConnected } = this.#context;
    if (state === 'closed') this.#viewers.delete(viewer.id);
    send({ type: 'viewer-state', viewer_id: viewer.id, state });
    if (state !== 'connected') return;
    this.#nameTries = 0;
    onConnected(viewer.trackNames);
  }

  #known(viewerId: string): ViewerConnection {
    const viewer = this.#viewers.get(viewerId);
    if (viewer) return viewer;
    throw new EncoderError(
      'unknown-viewer',
      `there is no viewer ${viewerId}`,
      'connect anew with POST /whep',
    );
  }
}
