import type { AudioMessage, VideoMessage } from '../../protocol/media.ts';
import type { TrackStats } from '../../protocol/stats.ts';
import type { Track } from '../../protocol/track.ts';
import { AudioFeed } from './audio-feed.ts';
import { pictureHoldMs } from './lip-sync.ts';
import { type FeedContext, VideoFeed } from './video-feed.ts';

/** The feeds of all tracks of the model, by name. */
export class TrackFeeds {
  readonly #context: FeedContext;
  readonly #feeds = new Map<string, VideoFeed | AudioFeed>();
  #tracks: readonly Track[] = [];

  constructor(context: FeedContext) {
    this.#context = context;
  }

  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  /** A model has connected, perhaps the same one again after a crash: its numbers begin anew, its last pictures stay. */
  setTracks(tracks: readonly Track[]): void {
    this.#tracks = tracks;
    this.#context.media.setTracks(tracks);
    this.#context.clock.reset();
    for (const [name, feed] of this.#feeds) {
      const same = tracks.some((track) => track.name === name && continues(feed, track));
      if (same) {
        feed.restart();
      } else {
        feed.close();
        this.#feeds.delete(name);
      }
    }
    for (const track of tracks) {
      if (this.#feeds.has(track.name)) continue;
      const feed =
        track.kind === 'video'
          ? new VideoFeed(track.name, this.#context, () => this.#pictureHoldMs())
          : new AudioFeed(track.name, track.channels, this.#context);
      this.#feeds.set(track.name, feed);
    }
  }

  receive(message: VideoMessage | AudioMessage, payload: Uint8Array): void {
    const feed = this.#feeds.get(message.track);
    if (message.type === 'video' && feed?.kind === 'video') {
      void feed.receive(message, payload);
    } else if (message.type === 'audio' && feed?.kind === 'audio') {
      feed.receive(message, payload);
    } else {
      // Credit must go back all the same, or the model would wait for ever.
      this.#context.log.warn(`${message.type} for ${message.track}, which is no ${message.type} track`);
      this.#context.ack({ type: 'ack', track: message.track, seq: message.seq });
    }
  }

  /** What came of a track of sound before is not to be heard any more. */
  flush(trackName: string): void {
    const feed = this.#feeds.get(trackName);
    if (feed?.kind === 'audio') feed.flush();
  }

  viewerConnected(names: readonly string[]): void {
    for (const name of names) this.#feeds.get(name)?.viewerConnected();
  }

  /** @param viewersOf how many connected viewers a track has */
  tick(viewersOf: (trackName: string) => number): void {
    for (const [name, feed] of this.#feeds) feed.tick(viewersOf(name));
  }

  stats(nowMs: number): TrackStats[] {
    return [...this.#feeds.values()].map((feed) => feed.stats(nowMs));
  }

  #pictureHoldMs(): number {
    if (!this.#context.lipSync()) return 0;
    const delays = [...this.#feeds.values()].flatMap((feed) =>
      feed.kind === 'audio' && feed.heardAfterMs !== null ? [feed.heardAfterMs] : [],
    );
    return pictureHoldMs(delays.length > 0 ? Math.max(...delays) : null);
  }
}

function continues(feed: VideoFeed | AudioFeed, track: Track): boolean {
  if (feed.kind !== track.kind) return false;
  return feed.kind === 'video' || (track.kind === 'audio' && feed.channels === track.channels);
}
