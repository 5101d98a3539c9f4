import { videoCodec } from '../../protocol/hello.ts';
import { make, setText } from '../viewer/element.ts';
import {
  formatBitrate,
  formatCodec,
  formatFps,
  formatMs,
  formatShare,
  formatSize,
  UNKNOWN,
} from '../viewer/format.ts';
import type { HostStats } from '../viewer/host-snapshot.ts';
import type { Operator } from './operator.ts';
import { lossShare, perSecond, seriesOf, sumOf, viewerOf } from './rates.ts';
import type { Sample } from './sample-window.ts';
import { TimeChart } from './time-chart.ts';

type Viewer = HostStats['viewers'][number];

/** In bits per second. */
const CAPS = [250_000, 500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000];
const LOSS_WINDOW_SAMPLES = 5;

/** One viewer: its figures, its last two minutes, and what an operator can do. */
export class ViewerCard {
  readonly element = make('article', 'card viewer');
  readonly #id: string;
  readonly #state = make('span', 'chip');
  readonly #rows = make('div', 'streams');
  readonly #streams = new Map<string, HTMLElement>();
  #isSeen = false;
  #latest: [viewer: Viewer, samples: readonly Sample[]] | undefined;
  readonly #figures = make('dl', 'figures');
  readonly #values = new Map<string, HTMLElement>();
  readonly #bitrate = new TimeChart({
    title: 'Sent, and what its link carries',
    height: 92,
    format: (bps) => formatBitrate(bps).join(' '),
    hasLegend: true,
  });
  readonly #cap = make('select', 'small');
  readonly #codec = make('select', 'small');

  constructor(id: string, operator: Operator) {
    this.#id = id;
    this.element.dataset.viewer = id;
    const head = make('div', 'card-head');
    head.append(make('h3', 'name', id), this.#state);
    for (const [name, hint] of [
      ['Round trip', 'Between the encoder and this viewer'],
      ['Loss', 'Share of the packets of the last seconds that it did not get'],
      ['NACK, PLI', 'Packets asked for again, and key frames asked for, a second'],
      ['Channel', 'Messages from it and to it on its data channel'],
    ] as const) {
      const value = make('dd', '', UNKNOWN);
      const row = make('div', 'figure-row');
      row.title = hint;
      row.append(make('dt', '', name), value);
      this.#figures.append(row);
      this.#values.set(name, value);
    }
    this.element.append(head, this.#rows, this.#bitrate.element, this.#figures, this.#actions(operator));
    new IntersectionObserver(([entry]) => {
      this.#isSeen = entry?.isIntersecting ?? false;
      this.#draw();
    }).observe(this.element);
  }

  show(viewer: Viewer, samples: readonly Sample[]): void {
    this.#latest = [viewer, samples];
    this.#draw();
  }

  /** Of many viewers most are further down the page: nothing is written that is not on the screen. */
  #draw(): void {
    if (!this.#isSeen || !this.#latest) return;
    const [viewer, samples] = this.#latest;
    const now = samples.at(-1);
    if (!now) return;
    const { state, senders, round_trip_time_ms, channel, bitrate_cap_bps } = viewer;
    setText(this.#state, state);
    this.element.classList.toggle('away', state !== 'connected');
    // Pictures first.
    const byKind = [...senders].sort((one, other) => other.kind.localeCompare(one.kind));
    this.#showStreams(byKind);
    const before = samples.at(-1 - LOSS_WINDOW_SAMPLES) ?? samples[0];
    const rate = (read: (sender: Viewer['senders'][number]) => number | null) =>
      perSecond(before, now, (stats) => sumOf(viewerOf(stats, this.#id)?.senders ?? [], read));
    this.#set('Round trip', round_trip_time_ms === null ? UNKNOWN : `${formatMs(round_trip_time_ms)} ms`);
    this.#set('Loss', formatShare(lossShare(before, now, this.#id)));
    const [nack, pli] = [rate(({ nack_count }) => nack_count), rate(({ pli_count }) => pli_count)];
    this.#set('NACK, PLI', [nack, pli].map((each) => (each === null ? UNKNOWN : each.toFixed(1))).join(', '));
    this.#set('Channel', channel ? `${channel.received} in, ${channel.sent} out` : 'none');
    const of = (read: (viewer: Viewer) => number | null) =>
      seriesOf(samples, ({ stats }) => {
        const then = viewerOf(stats, this.#id);
        return then ? read(then) : null;
      });
    this.#bitrate.show(
      samples.map(({ time_ms }) => time_ms),
      [
        { label: 'sent', values: of((then) => sumOf(then.senders, ({ bitrate_bps }) => bitrate_bps)) },
        { label: 'link', values: of((then) => then.available_outgoing_bitrate_bps) },
      ],
    );
    // Not while a person chooses.
    if (document.activeElement !== this.#cap) this.#showCap(bitrate_cap_bps);
    const codec = senders.find(({ kind }) => kind === 'video')?.codec.toLowerCase() ?? '';
    if (document.activeElement !== this.#codec && codec !== '' && this.#codec.value !== codec)
      this.#codec.value = codec;
    this.#codec.disabled = codec === '';
  }

  /** A row is written anew only where its text differs. */
  #showStreams(senders: Viewer['senders']): void {
    const rows = senders.map((sender) => {
      const row = this.#streams.get(sender.name) ?? streamRow(sender.name);
      this.#streams.set(sender.name, row);
      if (row.lastElementChild) setText(row.lastElementChild, figuresOf(sender));
      return row;
    });
    const isSame =
      rows.length === this.#rows.childElementCount &&
      rows.every((row, at) => row === this.#rows.children[at]);
    if (!isSame) this.#rows.replaceChildren(...rows);
  }

  #showCap(capBps: number | undefined): void {
    const value = capBps === undefined ? '' : String(capBps);
    if (![...this.#cap.options].some((option) => option.value === value))
      this.#cap.add(new Option(formatBitrate(Number(value)).join(' '), value));
    if (this.#cap.value !== value) this.#cap.value = value;
  }

  #actions(operator: Operator): HTMLElement {
    const viewer_id = this.#id;
    const actions = make('div', 'actions');
    const button = (text: string, title: string, act: () => void) => {
      const element = make('button', 'button small', text);
      element.type = 'button';
      element.title = title;
      element.onclick = act;
      return element;
    };
    this.#cap.setAttribute('aria-label', `Bitrate cap of ${viewer_id}`);
    this.#cap.title = 'The most that it is sent in all';
    this.#cap.add(new Option('no cap', ''));
    for (const bps of CAPS) this.#cap.add(new Option(`≤ ${formatBitrate(bps).join(' ')}`, String(bps)));
    this.#cap.onchange = () => {
      const bps = this.#cap.value === '' ? null : Number(this.#cap.value);
      const done = bps === null ? 'the cap is lifted' : `it is sent at most ${formatBitrate(bps).join(' ')}`;
      void operator.act({ action: 'bitrate-cap', viewer_id, max_bitrate_bps: bps }, `${viewer_id}: ${done}`);
      this.#cap.blur();
    };
    this.#codec.setAttribute('aria-label', `Codec of ${viewer_id}`);
    this.#codec.title = 'What it is sent; it stays connected';
    for (const codec of videoCodec.options)
      this.#codec.add(new Option(formatCodec(codec.toUpperCase()), codec));
    this.#codec.onchange = () => {
      const codec = videoCodec.parse(this.#codec.value);
      void operator.act(
        { action: 'codec', viewer_id, codec },
        `${viewer_id}: ${formatCodec(codec.toUpperCase())} from the next key frame on`,
      );
      this.#codec.blur();
    };
    actions.append(
      this.#codec,
      this.#cap,
      button('Key frame', 'Sends a key frame now', () => {
        void operator.act({ action: 'key-frame', viewer_id }, `${viewer_id}: a key frame is on its way`);
      }),
      button('Disconnect', 'Ends its connection', () => {
        void operator.act({ action: 'disconnect', viewer_id }, `${viewer_id} is disconnected`);
      }),
    );
    return actions;
  }

  #set(name: string, text: string): void {
    const value = this.#values.get(name);
    if (value) setText(value, text);
  }
}

function streamRow(name: string): HTMLElement {
  const row = make('p', 'stream');
  row.append(make('span', 'stream-name', name), make('span', 'stream-figures'));
  return row;
}

function figuresOf({
  kind,
  codec,
  width,
  height,
  fps,
  bitrate_bps,
  implementation,
  encoder,
  paused,
}: Viewer['senders'][number]): string {
  const figures = paused
    ? ['paused']
    : kind === 'video'
      ? [
          formatCodec(codec),
          formatSize(width, height),
          `${formatFps(fps)} fps`,
          formatBitrate(bitrate_bps).join(' '),
          [encoder, implementation].filter(Boolean).join(' '),
        ]
      : [formatCodec(codec), formatBitrate(bitrate_bps).join(' ')];
  return figures.filter(Boolean).join(' · ');
}
