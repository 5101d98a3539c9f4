import { ClientId, tabStore } from './client-id.ts';
import type { EventFeed } from './event-feed.ts';
import { type HostEventsListener, hostEvents } from './host-events.ts';
import type { HostStats } from './host-snapshot.ts';
import { Interaction, type InteractionOptions } from './interaction.ts';
import { type ReceiverSample, ReceiverStats } from './receiver-stats.ts';
import { StreamKeeper, type StreamKeeperOptions } from './stream-keeper.ts';
import type { WhepSession } from './whep-session.ts';

type Watching = Pick<
  StreamKeeperOptions,
  'query' | 'onTracks' | 'onTrack' | 'onTiming' | 'onDrop' | 'onChange'
>;

export interface LiveStreamOptions
  extends Watching,
    Pick<InteractionOptions, 'stage' | 'onSession'>,
    Pick<HostEventsListener, 'onSnapshot' | 'onStats'> {
  /** Before the first session, and before that of a page that comes back; the stream waits for it. */
  onBegin?: () => Promise<void>;
  /** The page goes. */
  onEnd?: () => void;
  /** The receivers that are sampled from now on are those of another session. */
  onOther?: () => void;
}

/** What a page has to do with a host, from its beginning to its end: the stream, what is said beside it, and what the host tells. */
export class LiveStream {
  readonly interaction: Interaction;
  readonly keeper: StreamKeeper;
  readonly #options: LiveStreamOptions;
  readonly #client = new ClientId(tabStore(), (bytes) => crypto.getRandomValues(bytes));
  readonly #events: EventFeed;
  #receiving = new ReceiverStats();
  #receivingOf: WhepSession | undefined;
  #isSampling = false;

  constructor(options: LiveStreamOptions) {
    const { stage, onSession, onSnapshot, onStats, ...watching } = options;
    this.#options = options;
    this.interaction = new Interaction({
      stage,
      send: (text) => this.keeper.session?.sendText(text) ?? false,
      onSession,
    });
    this.keeper = new StreamKeeper({
      ...watching,
      clientId: this.#client.value,
      nowMs: () => performance.now(),
      random: Math.random,
      onChannel: (isOpen) => this.interaction.setConnected(isOpen),
      onMessage: (message) => this.interaction.read(message),
    });
    this.#events = hostEvents({
      onSnapshot: (snapshot) => {
        this.keeper.setSnapshot(snapshot);
        onSnapshot(snapshot);
      },
      onStats,
      onHeard: (isHeard) => this.keeper.setHeard(isHeard),
    });
  }

  /** Begins, and ends with the page. One that goes to the browser's cache may come back; its connections do not. */
  run(): void {
    addEventListener('pagehide', () => {
      this.interaction.releaseKeys();
      this.#events.close();
      this.#options.onEnd?.();
      this.keeper.stop();
      this.#client.leave();
    });
    addEventListener('pageshow', ({ persisted }) => {
      if (!persisted) return;
      this.#client.take();
      void this.#begin();
    });
    void this.#begin();
  }

  /** What came since the last sample, by track; undefined while another sample is taken, and where the session has changed. */
  async sample(): Promise<ReceiverSample | undefined> {
    if (this.#isSampling) return undefined;
    this.#isSampling = true;
    try {
      const { session } = this.keeper;
      if (session !== this.#receivingOf) {
        this.#receivingOf = session;
        this.#receiving = new ReceiverStats();
        this.#options.onOther?.();
      }
      const sample = await this.#receiving.sample(session?.receivers ?? new Map());
      return session === this.keeper.session ? sample : undefined;
    } finally {
      this.#isSampling = false;
    }
  }

  /** Some picture of these tracks is wanted, of one that has any. */
  areFramesWanted(tracks: Iterable<string>, stats: HostStats | undefined): boolean {
    return [...tracks].some((name) => {
      const track = stats?.tracks.find((each) => each.name === name);
      return !this.keeper.isPaused(name) && (track === undefined || track.received > 0);
    });
  }

  async #begin(): Promise<void> {
    await this.#options.onBegin?.();
    this.#events.open();
    this.keeper.start();
  }
}
