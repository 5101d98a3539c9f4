import { z } from 'zod';
import type { HostTiming } from '../../protocol/data-channel.ts';
import type { Track } from '../../protocol/track.ts';
import { AudioTile } from './audio-tile.ts';
import { byId, setText } from './element.ts';
import type { HostSnapshot, HostStats } from './host-snapshot.ts';
import type { Interaction } from './interaction.ts';
import { LiveStream } from './live-stream.ts';
import { NoticeView } from './notice-view.ts';
import { receiverReport } from './receiver-report.ts';
import { type SenderFigures, StatsPanel } from './stats-panel.ts';
import type { ReceiverRates } from './stats-rates.ts';
import { type Status, statusWords } from './status-words.ts';
import type { StreamKeeper } from './stream-keeper.ts';
import { VideoTile } from './video-tile.ts';
import type { WhepQuery } from './whep-session.ts';

/**
 * The page that the host serves at `/`: plays all tracks by name, steers the model, tells how they do, keeps itself connected.
 *
 * @packageDocumentation
 */

// The page's policy has no 'unsafe-eval', which zod's compiled parsers ask for.
z.config({ jitless: true });

const SAMPLE_MS = 1_000;

/** `window.reactorViewer`: what the page shows, to be read by tests and by people in the console. A copy each time. */
export interface ViewerSnapshot {
  /** As in the bar. */
  label: string;
  tone: Status['tone'];
  notice: Status['notice'];
  /** Sessions begun since the page was opened. */
  sessions: number;
  tracks: Record<
    string,
    { kind: Track['kind']; elementId: string; latencyMs: number | null; rates: ReceiverRates | null }
  >;
}

class Viewer {
  readonly #stage = byId('stage');
  readonly #panel = byId('panel');
  readonly #statsPanel = new StatsPanel(this.#panel);
  readonly #notice = new NoticeView((action) => this.#act(action));
  readonly #videos = new Map<string, VideoTile>();
  readonly #audios = new Map<string, AudioTile>();
  readonly #interaction: Interaction;
  readonly #keeper: StreamKeeper;
  readonly #live: LiveStream;
  /** The track shown large; undefined until a person chooses: the first. */
  #picked: string | undefined;
  #shownMain: string | undefined;
  #isMuted = true;
  #timing: HostTiming['data']['tracks'] = {};
  #hostStats: HostStats | undefined;

  constructor() {
    this.#live = new LiveStream({
      stage: this.#stage,
      query: ownQuery(),
      onTracks: (tracks) => this.#setTracks(tracks),
      onTrack: (name, kind, stream) => this.#play(name, kind, stream),
      onTiming: ({ data }) => {
        this.#timing = data.tracks;
      },
      onOther: () => {
        this.#timing = {};
      },
      onSession: ({ state, client_id }) => this.#statsPanel.showSession(state, client_id),
      onDrop: () => {
        for (const tile of this.#videos.values()) tile.hold();
      },
      onChange: () => this.#showState(),
      onSnapshot: (snapshot) => this.#showHost(snapshot),
      onStats: (stats) => {
        this.#hostStats = stats;
      },
    });
    this.#keeper = this.#live.keeper;
    this.#interaction = this.#live.interaction;
    this.#setUpControls();
    setInterval(() => void this.#sample(), SAMPLE_MS);
    this.#live.run();
  }

  snapshot(): ViewerSnapshot {
    const { label, tone, notice } = this.#status();
    const tracks: ViewerSnapshot['tracks'] = {};
    for (const [name, { video, figures }] of this.#videos) {
      const { rates, latency } = figures;
      tracks[name] = { kind: 'video', elementId: video.id, latencyMs: latency?.totalMs ?? null, rates };
    }
    for (const [name, { audio, rates }] of this.#audios) {
      tracks[name] = { kind: 'audio', elementId: audio.id, latencyMs: null, rates };
    }
    return structuredClone({ label, tone, notice, sessions: this.#keeper.sessionCount, tracks });
  }

  /** Places for these tracks; those that were there before stay, with their last picture. */
  #setTracks(tracks: readonly Track[]): void {
    const names = new Set(tracks.map(({ name }) => name));
    for (const tiles of [this.#videos, this.#audios]) {
      for (const [name, tile] of tiles) {
        if (names.has(name)) continue;
        tile.element.remove();
        tiles.delete(name);
      }
    }
    for (const track of tracks) {
      if (track.kind === 'video' && !this.#videos.has(track.name)) {
        const tile = new VideoTile(
          track.name,
          () => this.#pick(track.name),
          (isPaused) => this.#setPaused(track.name, isPaused),
        );
        this.#videos.set(track.name, tile);
        this.#stage.append(tile.element);
      } else if (track.kind === 'audio' && !this.#audios.has(track.name)) {
        const tile = new AudioTile(track.name, track.channels, (isPaused) =>
          this.#setPaused(track.name, isPaused),
        );
        this.#audios.set(track.name, tile);
        this.#panel.append(tile.element);
        void tile.setMuted(this.#isMuted);
      }
    }
    this.#stage.dataset.tiles = String(this.#videos.size);
    byId('sound').hidden = this.#audios.size === 0;
    this.#showMain();
  }

  #play(name: string, kind: Track['kind'], stream: MediaStream): void {
    if (kind === 'video') this.#videos.get(name)?.play(stream);
    else this.#audios.get(name)?.play(stream, this.#keeper.session?.receivers.get(name));
  }

  #setPaused(name: string, isPaused: boolean): void {
    this.#keeper.setPaused(name, isPaused);
    this.#videos.get(name)?.setPaused(isPaused);
    this.#audios.get(name)?.setPaused(isPaused);
  }

  #pick(name: string): void {
    this.#picked = name;
    this.#showMain();
  }

  /** The name of the track that is shown large. */
  #main(): string | undefined {
    const [first] = this.#videos.keys();
    return this.#picked !== undefined && this.#videos.has(this.#picked) ? this.#picked : first;
  }

  #showMain(): void {
    const main = this.#main();
    for (const [name, tile] of this.#videos) tile.setMain(name === main);
    const tile = main === undefined ? undefined : this.#videos.get(main);
    this.#interaction.setSurface(tile && { element: tile.screen, video: tile.video });
    if (main === this.#shownMain) return;
    this.#shownMain = main;
    this.#statsPanel.clear();
    this.#showFigures();
  }

  #status(): Status {
    const hasPicture = [...this.#videos.values()].some((tile) => tile.hasPicture);
    return statusWords({ ...this.#keeper.facts, hasPicture });
  }

  #showState(): void {
    const isPlaying = this.#keeper.facts.phase === 'playing';
    this.#notice.show(this.#status(), isPlaying);
    this.#stage.classList.toggle('away', !isPlaying);
  }

  #showHost({ model }: HostSnapshot): void {
    if (model.name === null) return;
    setText(byId('model'), model.name);
    byId('product').hidden = false;
    document.title = `${model.name} · reactor-host`;
  }

  async #sample(): Promise<void> {
    const sample = await this.#live.sample();
    if (!sample) return;
    const { rates, frames } = sample;
    const videos = this.#videos.keys();
    this.#keeper.setFrames(frames, this.#live.areFramesWanted(videos, this.#hostStats));
    for (const [name, tile] of this.#videos) {
      const handOverMs = this.#timing[name]?.hand_over_ms?.p50 ?? null;
      tile.show(rates.get(name) ?? null, handOverMs, this.#sender(name)?.encodeMs ?? null);
    }
    for (const [name, tile] of this.#audios) tile.show(rates.get(name) ?? null);
    this.#keeper.session?.report(
      receiverReport(rates, (name) => this.#videos.get(name)?.figures.latency?.totalMs ?? null),
    );
    this.#showFigures();
    this.#showState();
  }

  #showFigures(): void {
    const main = this.#main();
    const tile = main === undefined ? undefined : this.#videos.get(main);
    this.#statsPanel.show(
      main ?? '',
      tile?.figures ?? { rates: null, latency: null },
      this.#sender(main),
      this.#keeper.snapshot?.viewers ?? null,
    );
  }

  #sender(track: string | undefined): SenderFigures | null {
    const id = this.#keeper.session?.publicId;
    const viewer = this.#hostStats?.viewers.find(({ viewer_id }) => viewer_id === id);
    const sender = viewer?.senders.find(({ name }) => name === track);
    return sender ? { implementation: sender.implementation, encodeMs: sender.encode_ms } : null;
  }

  #act(action: 'retry' | 'any-codec' | 'all-tracks'): void {
    const { query } = this.#keeper;
    if (action === 'any-codec') this.#ask({ ...query, codec: undefined });
    else if (action === 'all-tracks') this.#ask({ ...query, tracks: undefined });
    else this.#keeper.tryNow();
  }

  /** Asks the host for something else, and writes it into the address, so that a reload asks for the same. */
  #ask(query: WhepQuery): void {
    const address = new URL(location.href);
    for (const name of ['codec', 'tracks'] as const) {
      const value = query[name];
      if (value === undefined) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    history.replaceState(null, '', address);
    byId<HTMLSelectElement>('codec').value = query.codec ?? '';
    this.#keeper.ask(query);
  }

  async #setMuted(isMuted: boolean): Promise<void> {
    const results = await Promise.all([...this.#audios.values()].map((tile) => tile.setMuted(isMuted)));
    this.#isMuted = isMuted || results.includes(false);
    const sound = byId('sound');
    sound.classList.toggle('accent', this.#isMuted);
    sound.classList.toggle('on', !this.#isMuted);
    sound.title = this.#isMuted ? 'Unmute (M)' : 'Mute (M)';
    setText(byId('sound-label'), this.#isMuted ? 'Unmute' : 'Mute');
  }

  #setUpControls(): void {
    const codec = byId<HTMLSelectElement>('codec');
    const asked = this.#keeper.query.codec;
    // An address may name several codecs, or one that is not listed: shown as it is.
    if (asked !== undefined && ![...codec.options].some(({ value }) => value === asked)) {
      codec.add(new Option(asked.slice(0, 24), asked));
    }
    codec.value = asked ?? '';
    codec.onchange = () => this.#ask({ ...this.#keeper.query, codec: codec.value || undefined });

    byId('sound').onclick = () => void this.#setMuted(!this.#isMuted);
    byId('sound').title = 'Unmute (M)';

    const fullscreen = byId('fullscreen');
    fullscreen.onclick = () => this.#toggleFullscreen();
    this.#stage.ondblclick = ({ target }) => {
      if (target instanceof HTMLVideoElement && !this.#interaction.hasPointer) this.#toggleFullscreen();
    };

    addEventListener('keydown', ({ key, target, ctrlKey, metaKey, altKey, defaultPrevented }) => {
      // Keys that are typed, that choose, or that steer the model are no shortcuts of the page.
      if (ctrlKey || metaKey || altKey || defaultPrevented || takesKeys(target)) return;
      if (key === 'f') this.#toggleFullscreen();
      if (key === 'm' && this.#audios.size > 0) void this.#setMuted(!this.#isMuted);
    });
  }

  #toggleFullscreen(): void {
    if (document.fullscreenElement) {
      void document.exitFullscreen();
      return;
    }
    if (document.fullscreenEnabled) {
      void this.#stage.requestFullscreen().catch(() => {});
      return;
    }
    // iPhones have it for a video alone.
    const video = this.#videos.get(this.#main() ?? '')?.video as
      | (HTMLVideoElement & { webkitEnterFullscreen?: () => void })
      | undefined;
    video?.webkitEnterFullscreen?.();
  }
}

function takesKeys(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'range';
  return target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}

/** What of this page's own address is meant for the host. */
function ownQuery(): WhepQuery {
  const query = new URLSearchParams(location.search);
  return { codec: query.get('codec') || undefined, tracks: query.get('tracks') || undefined };
}

const viewer = new Viewer();
Object.defineProperty(window, 'reactorViewer', { get: () => viewer.snapshot() });
