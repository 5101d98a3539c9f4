import { z } from 'zod';
import type { Track } from '../../protocol/track.ts';
import { AudioTile } from '../viewer/audio-tile.ts';
import { beat } from '../viewer/beat.ts';
import { byId, make, setText } from '../viewer/element.ts';
import { formatBitrate, formatCodec, formatFps, formatMs, formatName } from '../viewer/format.ts';
import type { HostSnapshot, HostStats } from '../viewer/host-snapshot.ts';
import { LiveStream } from '../viewer/live-stream.ts';
import { statusWords } from '../viewer/status-words.ts';
import type { StreamKeeper } from '../viewer/stream-keeper.ts';
import { VideoTile } from '../viewer/video-tile.ts';
import type { WhepQuery } from '../viewer/whep-session.ts';
import { diagnose } from './diagnosis.ts';
import { dropsOf } from './drops.ts';
import { DropsTable } from './drops-table.ts';
import { FindingsView } from './findings-view.ts';
import { LatencyBars, waysOf } from './latency-bars.ts';
import { LogView } from './log-view.ts';
import { codecsToAsk, codecToTake } from './observer-codec.ts';
import { Operator } from './operator.ts';
import { perSecond, seriesOf, sumOf, trackOf, viewerOf, watchers } from './rates.ts';
import { type Sample, SampleWindow, sampleOf } from './sample-window.ts';
import { savePicture } from './snapshot.ts';
import { TimeChart, type TimeSeries } from './time-chart.ts';
import { ViewerCard } from './viewer-card.ts';
import { Waveform } from './waveform.ts';

/**
 * The page at `/debug`: what an operator looks at when a stream is not right. It watches as an observer, which is one more
 * viewer of the encoders that run, and none of the session's clients.
 *
 * @packageDocumentation
 */

// The page's policy has no 'unsafe-eval', which zod's compiled parsers ask for.
z.config({ jitless: true });

const SAMPLE_MS = 1_000;
/** Levels and waves: what moves oftener than statistics come costs a frame of the whole page each time. */
const LEVEL_EVERY_MS = 500;
/** What is counted is told over this time: one second alone says little. */
const LATELY_MS = 10_000;
const TOAST_MS = 5_000;
/** Two pictures of the two seconds that the median is of. */
const LATENCY_EVERY_MS = 1_000;

class DebugPage {
  readonly #stage = byId('stage');
  readonly #videos = new Map<string, VideoTile>();
  readonly #sounds = new Map<string, { tile: AudioTile; waveform: Waveform }>();
  readonly #cards = new Map<string, ViewerCard>();
  readonly #window = new SampleWindow();
  readonly #operator = new Operator((words, isBad) => this.#toast(words, isBad));
  readonly #findings = new FindingsView(byId('findings'));
  readonly #latency = new LatencyBars(byId('latency-bars'));
  readonly #drops = new DropsTable(byId<HTMLTableElement>('drops'));
  readonly #log = new LogView();
  readonly #charts = makeCharts(byId('charts'));
  readonly #keeper: StreamKeeper;
  readonly #live: LiveStream;
  #audio: AudioContext | undefined;
  /** What all but the pictures is of. */
  #shown: Sample | undefined;
  #session = '';
  #switching = '';
  #toastTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#live = new LiveStream({
      stage: this.#stage,
      query: observing(undefined),
      onTracks: (tracks) => this.#setTracks(tracks),
      onTrack: (name, kind, stream) => this.#play(name, kind, stream),
      onTiming: () => {},
      onSession: ({ state }) => {
        this.#session = state;
      },
      onDrop: () => {
        for (const tile of this.#videos.values()) tile.hold();
      },
      onChange: () => this.#showState(),
      onSnapshot: (snapshot) => this.#showHost(snapshot),
      onStats: (stats) => this.#takeStats(stats),
      onBegin: async () => {
        this.#log.open();
        const samples = await this.#operator.history();
        this.#window.begin(samples);
        // Known before the first session is asked for: nothing is to be encoded for this page alone.
        this.#keeper.prefer(observing(samples.at(-1)?.stats));
      },
      onEnd: () => this.#log.close(),
    });
    this.#keeper = this.#live.keeper;
    document.addEventListener('visibilitychange', () => this.#show());
    // A browser lets sound be looked at only after a click, too.
    for (const gesture of ['pointerdown', 'keydown'])
      addEventListener(gesture, () => void this.#audio?.resume().catch(() => {}));
    byId('restart-model').onclick = () =>
      void this.#operator.act({ action: 'restart-model' }, 'the model is started again');
    beat(SAMPLE_MS, () => {
      void this.#sample();
      if (this.#window.last !== this.#shown) this.#show();
    });
    this.#live.run();
  }

  #setTracks(tracks: readonly Track[]): void {
    const names = new Set(tracks.map(({ name }) => name));
    for (const [name, tile] of this.#videos) {
      if (names.has(name)) continue;
      tile.element.remove();
      this.#videos.delete(name);
    }
    for (const [name, { tile, waveform }] of this.#sounds) {
      if (names.has(name)) continue;
      waveform.stop();
      tile.element.remove();
      this.#sounds.delete(name);
    }
    for (const track of tracks) {
      if (track.kind === 'video' && !this.#videos.has(track.name)) this.#addVideo(track.name);
      else if (track.kind === 'audio' && !this.#sounds.has(track.name)) this.#addSound(track);
    }
  }

  #addVideo(name: string): void {
    const tile = new VideoTile(
      name,
      () => tile.element.classList.toggle('wide'),
      (isPaused) => {
        this.#keeper.setPaused(name, isPaused);
        tile.setPaused(isPaused);
      },
      LATENCY_EVERY_MS,
    );
    const snapshot = make('button', 'button small snapshot', 'PNG');
    snapshot.type = 'button';
    snapshot.title = `Save the picture of ${formatName(name)} as PNG`;
    snapshot.setAttribute('aria-label', snapshot.title);
    snapshot.onclick = () => void savePicture(tile.video, name);
    tile.element.append(snapshot);
    this.#videos.set(name, tile);
    this.#stage.append(tile.element);
  }

  #addSound({ name, channels }: Extract<Track, { kind: 'audio' }>): void {
    const tile = new AudioTile(
      name,
      channels,
      (isPaused) => {
        this.#keeper.setPaused(name, isPaused);
        tile.setPaused(isPaused);
      },
      LEVEL_EVERY_MS,
    );
    const waveform = new Waveform(name);
    tile.element.append(waveform.element);
    this.#sounds.set(name, { tile, waveform });
    this.#stage.append(tile.element);
    void tile.setMuted(true);
  }

  #play(name: string, kind: Track['kind'], stream: MediaStream): void {
    if (kind === 'video') {
      this.#videos.get(name)?.play(stream);
      return;
    }
    const sound = this.#sounds.get(name);
    sound?.tile.play(stream, this.#keeper.session?.receivers.get(name));
    this.#audio ??= new AudioContext({ latencyHint: 'playback' });
    sound?.waveform.follow(this.#audio, stream);
  }

  #showState(): void {
    const hasPicture = [...this.#videos.values()].some((tile) => tile.hasPicture);
    const { label, tone, notice } = statusWords({ ...this.#keeper.facts, hasPicture });
    byId('status').dataset.tone = tone;
    setText(byId('status-label'), label);
    const words = byId('words');
    words.hidden = notice === null;
    if (notice) setText(words, [notice.title, notice.detail, notice.hint].filter(Boolean).join(' · '));
    this.#stage.classList.toggle('away', this.#keeper.facts.phase !== 'playing');
  }

  #showHost({ model }: HostSnapshot): void {
    if (model.name !== null) {
      setText(byId('model'), model.name);
      document.title = `${model.name} · debug · reactor-host`;
    }
    this.#show();
  }

  #takeStats(stats: HostStats): void {
    this.#window.add(sampleOf(stats));
    this.#alignCodec(stats);
  }

  /** Nothing is to be encoded for this page alone. */
  #alignCodec(stats: HostStats): void {
    this.#keeper.prefer(observing(stats));
    const own = this.#keeper.session?.publicId;
    const codec = codecToTake(stats, own);
    const wish = codec === undefined || own === undefined ? '' : `${own} ${codec}`;
    if (wish === this.#switching) return;
    this.#switching = wish;
    if (codec !== undefined && own !== undefined)
      void this.#operator.act(
        { action: 'codec', viewer_id: own, codec },
        `this page follows the viewers to ${formatCodec(codec.toUpperCase())}`,
      );
  }

  /** Everything that follows from statistics, once a second; nothing while nobody looks. */
  #show(): void {
    const { last: now, samples } = this.#window;
    const { snapshot } = this.#keeper;
    if (document.hidden || !now || !snapshot) return;
    const before = this.#window.before(LATELY_MS);
    this.#shown = now;
    this.#findings.show(diagnose({ snapshot, now, before }));
    this.#latency.show(waysOf(now.stats, this.#deliveries()));
    this.#drops.show(dropsOf(before, now));
    this.#showCharts(samples, now.stats);
    this.#showViewers(now.stats);
    setText(byId('facts'), factsOf(now.stats, this.#session));
  }

  /** From the encoder's input until shown here, by track and codec. */
  #deliveries(): Map<string, number> {
    const deliveries = new Map<string, number>();
    for (const [name, { figures }] of this.#videos) {
      const { rates, latency } = figures;
      if (rates?.codec && latency && !latency.isEstimated)
        deliveries.set(`${name} ${rates.codec}`, latency.deliveryMs);
    }
    return deliveries;
  }

  #showCharts(samples: Parameters<typeof seriesOf>[0], stats: HostStats): void {
    const times = samples.map(({ time_ms }) => time_ms);
    const video = stats.tracks.filter(({ kind }) => kind === 'video');
    const byTrack = (read: (now: HostStats, name: string) => number | null | undefined): TimeSeries[] =>
      video.map(({ name }) => ({
        label: name,
        values: seriesOf(samples, (now, before) => perSecond(before, now, (each) => read(each, name))),
      }));
    const byViewer = (read: (viewer: HostStats['viewers'][number]) => number | null): TimeSeries[] =>
      watchers(stats).map(({ viewer_id }) => ({
        label: viewer_id,
        values: seriesOf(samples, (now) => {
          const viewer = viewerOf(now.stats, viewer_id);
          return viewer ? read(viewer) : null;
        }),
      }));
    const encoders = (stats.shared_encoders ?? []).map(({ track, codec, rung }) => ({
      label: `${track} ${formatCodec(codec.toUpperCase())}`,
      values: seriesOf(samples, (now) => {
        const all = now.stats.shared_encoders ?? [];
        const same = all.find((each) => each.track === track && each.codec === codec && each.rung === rung);
        return same?.encode_ms?.p50 ?? null;
      }),
    }));
    const { pictures, encode, sent, roundTrip } = this.#charts;
    pictures.show(
      times,
      byTrack((each, name) => trackOf(each, name)?.received),
    );
    encode.show(times, encoders);
    sent.show(
      times,
      byViewer(({ senders }) => sumOf(senders, ({ bitrate_bps }) => bitrate_bps)),
    );
    roundTrip.show(
      times,
      byViewer(({ round_trip_time_ms }) => round_trip_time_ms),
    );
  }

  #showViewers(stats: HostStats): void {
    const viewers = watchers(stats);
    const ids = new Set(viewers.map(({ viewer_id }) => viewer_id));
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    for (const viewer of viewers) {
      const { viewer_id: id } = viewer;
      let card = this.#cards.get(id);
      if (!card) {
        card = new ViewerCard(id, this.#operator);
        this.#cards.set(id, card);
        byId('viewers').append(card.element);
      }
      card.show(viewer, this.#window.samples);
    }
    setText(byId('viewers-count'), viewers.length === 0 ? '' : String(viewers.length));
    byId('viewers-empty').hidden = viewers.length > 0;
  }

  /** What this page itself receives. */
  async #sample(): Promise<void> {
    const sample = await this.#live.sample();
    if (!sample) return;
    const { rates, frames } = sample;
    const stats = this.#window.last?.stats;
    const isRunning = this.#keeper.snapshot?.model.state === 'running';
    this.#keeper.setFrames(frames, isRunning && this.#live.areFramesWanted(this.#videos.keys(), stats));
    const own = stats && viewerOf(stats, this.#keeper.session?.publicId ?? '');
    for (const [name, tile] of this.#videos) {
      const handOverMs = (stats && trackOf(stats, name)?.hand_over_ms?.p50) ?? null;
      const sender = own?.senders.find((each) => each.name === name);
      tile.show(rates.get(name) ?? null, handOverMs, sender?.encode_ms ?? null);
    }
    for (const [name, { tile }] of this.#sounds) tile.show(rates.get(name) ?? null);
    this.#showState();
  }

  #toast(words: string, isBad: boolean): void {
    const toast = byId('toast');
    setText(toast, words);
    toast.classList.toggle('bad', isBad);
    toast.hidden = false;
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => {
      toast.hidden = true;
    }, TOAST_MS);
  }
}

/** The host in a line. */
function factsOf({ engine, model, processes }: HostStats, session: string): string {
  const shares = processes.map(({ cpu_share }) => cpu_share).filter((share) => share !== null);
  const cores = shares.reduce((sum, share) => sum + share, 0);
  return [
    engine,
    ...(session === '' ? [] : [`session ${session}`]),
    ...(model.step_ms === null ? [] : [`${formatMs(model.step_ms)} ms a step`]),
    ...(shares.length === 0 ? [] : [`${cores.toFixed(1)} cores in use`]),
  ].join(' · ');
}

/** Asks for all tracks, in what the viewers are sent. */
function observing(stats: HostStats | undefined): WhepQuery {
  return { codec: codecsToAsk(stats), tracks: undefined, observer: true };
}

function makeCharts(place: HTMLElement) {
  const add = (title: string, format: (value: number | null) => string) => {
    const chart = new TimeChart({ title, format, height: 130, hasLegend: true });
    const card = make('div', 'card');
    card.append(chart.element);
    place.append(card);
    return chart;
  };
  return {
    pictures: add('Pictures from the model, a second', (fps) => formatFps(fps)),
    encode: add('Time in the encoder', (ms) => `${formatMs(ms)} ms`),
    sent: add('Sent to each viewer', (bps) => formatBitrate(bps).join(' ')),
    roundTrip: add('Round trip of each viewer', (ms) => `${formatMs(ms)} ms`),
  };
}

new DebugPage();
