import { make, setText } from './element.ts';
import {
  formatBitrate,
  formatCodec,
  formatFps,
  formatMs,
  formatShare,
  formatSize,
  UNKNOWN,
} from './format.ts';
import { type Latency, latencyWords } from './latency.ts';
import { Sparkline } from './sparkline.ts';
import type { VideoFigures } from './video-tile.ts';

/** What the host tells of the main track's sender. */
export interface SenderFigures {
  implementation: string | null;
  encodeMs: number | null;
}

/** The figures of the main track: latency large, with what it is made of; the rest as a list. */
export class StatsPanel {
  readonly #latency = new Figure('End-to-end latency', 'ms', true);
  readonly #parts = new LatencyParts();
  readonly #fps = new Figure('Frame rate', 'fps');
  readonly #bitrate = new Figure('Bitrate', '');
  readonly #rows = make('dl', 'rows');
  readonly #values = new Map<string, HTMLElement>();
  readonly #track = make('span', 'chip');

  constructor(panel: HTMLElement) {
    const latency = make('div', 'card');
    const head = this.#latency.head;
    head.append(this.#track);
    latency.append(this.#latency.element, this.#parts.element);
    const pair = make('div', 'pair');
    for (const figure of [this.#fps, this.#bitrate]) {
      const card = make('div', 'card');
      card.append(figure.element);
      pair.append(card);
    }
    const details = make('div', 'card');
    details.append(this.#rows);
    for (const [name, hint] of [
      ['Codec', 'As received'],
      ['Resolution', 'As received'],
      ['Encoder', 'What the host encodes with, and how long one picture takes'],
      ['Packet loss', 'Share of the last second’s packets that did not arrive'],
      ['Round trip', 'Between this browser and the encoder'],
      ['Frozen, dropped', 'Freezes, and pictures that were not shown, since the connection began'],
      ['Viewers', 'Connected to this host now'],
      ['Session', 'Its state, and the name by which the model knows this page'],
    ] as const) {
      const row = make('div', 'row');
      row.title = hint;
      const value = make('dd', '', UNKNOWN);
      row.append(make('dt', '', name), value);
      this.#rows.append(row);
      this.#values.set(name, value);
    }
    panel.append(latency, pair, details);
  }

  show(
    name: string,
    { rates, latency }: VideoFigures,
    sender: SenderFigures | null,
    viewers: number | null,
  ): void {
    setText(this.#track, name);
    this.#latency.show(formatMs(latency?.totalMs ?? null), 'ms', latency?.totalMs ?? null);
    this.#latency.element.title = latencyWords(latency);
    this.#parts.show(latency);
    this.#fps.show(formatFps(rates?.fps ?? null), 'fps', rates?.fps ?? null);
    const [bitrate, unit] = formatBitrate(rates?.bitrateBps ?? null);
    this.#bitrate.show(bitrate, unit, rates?.bitrateBps ?? null);
    this.#set('Codec', formatCodec(rates?.codec ?? null));
    this.#set('Resolution', formatSize(rates?.width ?? null, rates?.height ?? null));
    const encoder = [sender?.implementation, sender?.encodeMs ? `${formatMs(sender.encodeMs)} ms` : null];
    this.#set('Encoder', encoder.filter(Boolean).join(', ') || UNKNOWN);
    this.#set('Packet loss', formatShare(rates?.loss ?? null));
    const roundTrip = rates?.roundTripMs ?? null;
    this.#set('Round trip', roundTrip === null ? UNKNOWN : `${formatMs(roundTrip)} ms`);
    this.#set(
      'Frozen, dropped',
      rates ? `${rates.freezes ?? UNKNOWN}, ${rates.framesDropped ?? UNKNOWN}` : UNKNOWN,
    );
    this.#set('Viewers', viewers === null ? UNKNOWN : String(viewers));
  }

  /** @param clientId this page's own */
  showSession(state: string, clientId: string): void {
    this.#set('Session', `${state}, you are ${clientId}`);
  }

  /** Another track: its lines begin anew. */
  clear(): void {
    for (const figure of [this.#latency, this.#fps, this.#bitrate]) figure.clear();
  }

  #set(name: string, text: string): void {
    const value = this.#values.get(name);
    if (value) setText(value, text);
  }
}

/** A number with its unit and its last minute. */
class Figure {
  readonly element: HTMLElement;
  readonly head = make('div', 'card-head');
  readonly #value = make('span', 'value', UNKNOWN);
  readonly #unit = make('small', 'unit');
  readonly #sparkline: Sparkline;

  constructor(label: string, unit: string, isLarge = false) {
    this.element = make('div', isLarge ? 'figure large' : 'figure');
    this.#sparkline = new Sparkline(`${label}, the last minute`);
    this.head.append(make('h2', '', label));
    const number = make('p', 'number');
    this.#unit.textContent = unit;
    number.append(this.#value, this.#unit);
    this.element.append(this.head, number, this.#sparkline.element);
  }

  show(value: string, unit: string, point: number | null): void {
    setText(this.#value, value);
    setText(this.#unit, unit);
    this.#sparkline.push(point);
  }

  clear(): void {
    this.#sparkline.clear();
  }
}

/** What the latency is made of: a bar in two colours with its legend. */
class LatencyParts {
  readonly element = make('div', 'parts');
  readonly #host = make('i', 'part host');
  readonly #delivery = make('i', 'part delivery');
  readonly #hostText = make('b', '', UNKNOWN);
  readonly #deliveryText = make('b', '', UNKNOWN);
  readonly #deliveryLabel = make('span', '');

  constructor() {
    const bar = make('div', 'parts-bar');
    bar.append(this.#host, this.#delivery);
    const legend = make('p', 'legend');
    const host = make('span', 'key host');
    host.append(make('span', '', 'host'), this.#hostText);
    const delivery = make('span', 'key delivery');
    delivery.append(this.#deliveryLabel, this.#deliveryText);
    legend.append(host, delivery);
    this.element.append(bar, legend);
    this.show(null);
  }

  show(latency: Latency | null): void {
    const { handOverMs = null, deliveryMs = null, isEstimated = false } = latency ?? {};
    this.#host.style.flexGrow = String(handOverMs ?? 0);
    this.#delivery.style.flexGrow = String(deliveryMs ?? 0);
    const text = (ms: number | null) => (ms === null ? UNKNOWN : `${formatMs(ms)} ms`);
    setText(this.#hostText, text(handOverMs));
    setText(this.#deliveryText, text(deliveryMs));
    setText(this.#deliveryLabel, isEstimated ? 'encode to decode (estimated)' : 'encode to display');
  }
}
