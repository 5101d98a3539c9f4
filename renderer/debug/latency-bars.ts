import { make, setText } from '../viewer/element.ts';
import { formatCodec, formatMs } from '../viewer/format.ts';
import type { HostStats } from '../viewer/host-snapshot.ts';

/** A part of the way of a picture, as it follows on the one before. */
export interface Stage {
  /** Also its colour in debug.css. */
  name: 'convert' | 'hand-over' | 'queue' | 'encode' | 'send' | 'deliver';
  label: string;
  ms: number;
}

/** The way of one track's pictures through one encoder. */
export interface Way {
  label: string;
  stages: Stage[];
}

const LABELS: Record<Stage['name'], string> = {
  convert: 'convert',
  'hand-over': 'to the encoder page',
  queue: 'wait for the encoder',
  encode: 'encode',
  send: 'into the senders',
  deliver: 'network to this screen',
};

/**
 * One way for each encoder that runs, from the model's yield until sent; and on to this page's screen, where that is known.
 *
 * @param hereMs by track and codec (`main_video VP9`): from the encoder's input until shown here
 */
export function waysOf(stats: HostStats, hereMs: ReadonlyMap<string, number>): Way[] {
  const ways = (stats.shared_encoders ?? []).map((encoder) => {
    const { track, codec, convert_ms, hand_over_ms, queue_ms, encode_ms, send_ms } = encoder;
    const codecName = codec.toUpperCase();
    const inHost = [queue_ms, encode_ms, send_ms].reduce((sum, each) => sum + (each?.p50 ?? 0), 0);
    const here = hereMs.get(`${track} ${codecName}`);
    return {
      label: `${track} · ${formatCodec(codecName)}`,
      stages: stagesOf([
        ['convert', convert_ms?.p50],
        ['hand-over', hand_over_ms?.p50],
        ['queue', queue_ms?.p50],
        ['encode', encode_ms?.p50],
        ['send', send_ms?.p50],
        ['deliver', here === undefined ? null : here - inHost],
      ]),
    };
  });
  const native = stats.viewers.flatMap(({ viewer_id, senders }) =>
    senders
      .filter(({ kind, encoder }) => kind === 'video' && encoder === 'native')
      .map(({ name, codec, encode_ms }) => ({
        label: `${name} · ${formatCodec(codec)} of ${viewer_id}`,
        stages: stagesOf([
          ['hand-over', stats.tracks.find((track) => track.name === name)?.hand_over_ms?.p50],
          ['encode', encode_ms],
        ]),
      })),
  );
  return [...ways, ...native].filter(({ stages }) => stages.length > 0);
}

function stagesOf(list: readonly [name: Stage['name'], ms: number | null | undefined][]): Stage[] {
  return list.flatMap(([name, ms]) => (ms == null || ms <= 0 ? [] : [{ name, label: LABELS[name], ms }]));
}

/** The ways as stacked bars on one scale, with a legend. */
export class LatencyBars {
  readonly #element: HTMLElement;
  readonly #bars = make('div', 'ways');
  readonly #rows = new Map<string, { element: HTMLElement; total: HTMLElement; bar: HTMLElement }>();

  constructor(element: HTMLElement) {
    this.#element = element;
    const legend = make('p', 'legend');
    for (const [name, label] of Object.entries(LABELS))
      legend.append(make('span', `key stage-${name}`, label));
    element.append(this.#bars, legend);
  }

  show(ways: readonly Way[]): void {
    this.#element.classList.toggle('none', ways.length === 0);
    const longest = Math.max(1, ...ways.map(totalOf));
    const seen = new Set(ways.map(({ label }) => label));
    for (const [label, { element }] of this.#rows) {
      if (seen.has(label)) continue;
      element.remove();
      this.#rows.delete(label);
    }
    for (const way of ways) {
      const row = this.#rows.get(way.label) ?? this.#addRow(way.label);
      setText(row.total, `${formatMs(totalOf(way))} ms`);
      row.bar.style.width = `${(totalOf(way) / longest) * 100}%`;
      const parts = way.stages.map(({ name, label, ms }, at) => {
        const part = (row.bar.children[at] as HTMLElement | undefined) ?? make('i', '');
        part.className = `part stage-${name}`;
        part.style.flexGrow = String(ms);
        part.title = `${label}: ${formatMs(ms)} ms`;
        return part;
      });
      if (row.bar.childElementCount !== parts.length) row.bar.replaceChildren(...parts);
      row.bar.setAttribute(
        'aria-label',
        way.stages.map(({ label, ms }) => `${label} ${formatMs(ms)} ms`).join(', '),
      );
    }
  }

  #addRow(label: string) {
    const element = make('div', 'way');
    const head = make('div', 'way-head');
    const total = make('b', '');
    head.append(make('span', '', label), total);
    const bar = make('div', 'parts-bar');
    bar.setAttribute('role', 'img');
    const track = make('div', 'way-track');
    track.append(bar);
    element.append(head, track);
    this.#bars.append(element);
    const row = { element, total, bar };
    this.#rows.set(label, row);
    return row;
  }
}

function totalOf({ stages }: Way): number {
  return stages.reduce((sum, { ms }) => sum + ms, 0);
}
