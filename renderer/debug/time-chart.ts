import uPlot from 'uplot';
import { make, setText } from '../viewer/element.ts';
import { UNKNOWN } from '../viewer/format.ts';

/** Of the page's palette (viewer.css): told apart also by those who see no red or green. */
const INKS = ['#6ff0cd', '#7aa5ff', '#ffc96b', '#ff8585', '#c79bff', '#f59bd8', '#9fd1ff', '#d7e86f'];
const GRID = '#ffffff12';
const AXIS = { stroke: '#a3acbd', font: '11px ui-sans-serif, system-ui, sans-serif', size: 18, gap: 4 };

export interface TimeSeries {
  label: string;
  values: readonly (number | null)[];
}

export interface TimeChartOptions {
  title: string;
  height: number;
  /** A value as people read it, with its unit. */
  format: (value: number | null) => string;
  /** Names stand below, with their last values. Without, the title has the first one's. */
  hasLegend: boolean;
}

/** The last two minutes of some figures as lines. Drawn only when it is told something. */
export class TimeChart {
  readonly element = make('div', 'chart');
  readonly #options: TimeChartOptions;
  readonly #plotPlace = make('div', 'chart-plot');
  readonly #legend = make('p', 'legend');
  readonly #value = make('span', 'chart-value', UNKNOWN);
  #plot: uPlot | undefined;
  #labels = '';
  #width = 0;
  #isSeen = false;
  #data: uPlot.AlignedData = [[]];

  constructor(options: TimeChartOptions) {
    this.#options = options;
    const head = make('div', 'card-head');
    head.append(make('h3', 'chart-title', options.title), this.#value);
    this.element.append(head, this.#plotPlace);
    if (options.hasLegend) this.element.append(this.#legend);
    new IntersectionObserver(([entry]) => this.#setSeen(entry?.isIntersecting ?? false)).observe(
      this.#plotPlace,
    );
    new ResizeObserver(([entry]) => this.#resize(entry?.contentRect.width ?? 0)).observe(this.#plotPlace);
  }

  /** @param timesMs of each value, since 1970 */
  show(timesMs: readonly number[], series: readonly TimeSeries[]): void {
    this.#data = [timesMs.map((ms) => ms / 1000), ...series.map(({ values }) => [...values])];
    const labels = JSON.stringify(series.map(({ label }) => label));
    if (labels !== this.#labels) {
      this.#labels = labels;
      this.#make(series);
    } else if (this.#isSeen) {
      this.#plot?.setData(this.#data);
    }
    this.#showValues(series);
  }

  #showValues(series: readonly TimeSeries[]): void {
    const { hasLegend, format } = this.#options;
    if (!hasLegend) {
      setText(this.#value, format(series[0]?.values.at(-1) ?? null));
      return;
    }
    for (const [at, { values }] of series.entries()) {
      const key = this.#legend.children[at]?.querySelector('b');
      if (key) setText(key, format(values.at(-1) ?? null));
    }
  }

  /** Of many viewers most are further down the page: nothing is drawn that is not on the screen. */
  #setSeen(isSeen: boolean): void {
    this.#isSeen = isSeen;
    if (isSeen) this.#plot?.setData(this.#data);
  }

  #resize(width: number): void {
    const whole = Math.floor(width);
    if (whole === this.#width || whole === 0) return;
    const isFirst = this.#width === 0;
    this.#width = whole;
    if (isFirst) this.#plotAnew();
    else this.#plot?.setSize({ width: whole, height: this.#options.height });
  }

  #make(series: readonly TimeSeries[]): void {
    this.#value.hidden = this.#options.hasLegend;
    this.#legend.replaceChildren(
      ...series.map(({ label }, at) => {
        const key = make('span', `key ink-${at % INKS.length}`);
        key.append(make('span', '', label), make('b', '', UNKNOWN));
        return key;
      }),
    );
    this.#plotAnew();
  }

  #plotAnew(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    if (this.#width === 0 || this.#labels === '') return;
    const { height, format, hasLegend } = this.#options;
    const inks = JSON.parse(this.#labels) as string[];
    this.#plot = new uPlot(
      {
        width: this.#width,
        height,
        legend: { show: false },
        // One line through all charts at the moment that is pointed to.
        cursor: { sync: { key: 'debug' }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
        scales: { y: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, 1e-9) * 1.12] } },
        axes: [
          {
            ...AXIS,
            show: height > 80,
            grid: { show: false },
            ticks: { show: false },
            space: 70,
            values: (_plot, splits) => splits.map((at) => this.#ago(at)),
          },
          {
            ...AXIS,
            size: 62,
            grid: { stroke: GRID, width: 1 },
            ticks: { show: false },
            space: 28,
            values: (_plot, splits) => splits.map((value) => format(value)),
          },
        ],
        padding: [6, 14, height > 80 ? 0 : 6, 0],
        series: [
          {},
          ...inks.map((label, at) => {
            const stroke = INKS[at % INKS.length] ?? '#fff';
            // Areas of several lines would hide each other.
            const fill = hasLegend ? {} : { fill: `${stroke}22` };
            return { label, stroke, width: 1.6, points: { show: false }, ...fill };
          }),
        ],
      },
      this.#data,
      this.#plotPlace,
    );
  }

  #ago(seconds: number): string {
    const last = this.#data[0].at(-1) ?? seconds;
    const ago = Math.round(last - seconds);
    return ago <= 0 ? 'now' : `-${ago} s`;
  }
}
