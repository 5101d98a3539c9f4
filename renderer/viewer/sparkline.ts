const SVG = 'http://www.w3.org/2000/svg';
/** One minute at one value a second. */
const LENGTH = 60;
const WIDTH = 240;
const HEIGHT = 48;

/** The last minute of a figure as a line with a soft area below. Gaps where it was not known. */
export class Sparkline {
  readonly element: SVGSVGElement;
  readonly #line = document.createElementNS(SVG, 'path');
  readonly #area = document.createElementNS(SVG, 'path');
  #values: (number | null)[] = [];

  /** @param label for screen readers; the figure itself stands beside it */
  constructor(label: string) {
    this.element = document.createElementNS(SVG, 'svg');
    this.element.setAttribute('class', 'sparkline');
    this.element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute('preserveAspectRatio', 'none');
    this.element.setAttribute('role', 'img');
    this.element.setAttribute('aria-label', label);
    this.#area.setAttribute('class', 'sparkline-area');
    this.#line.setAttribute('class', 'sparkline-line');
    this.element.append(this.#area, this.#line);
  }

  push(value: number | null): void {
    this.#values = [...this.#values, value].slice(-LENGTH);
    this.#draw();
  }

  clear(): void {
    this.#values = [];
    this.#draw();
  }

  #draw(): void {
    const paths = sparklinePaths(this.#values, LENGTH, WIDTH, HEIGHT);
    this.#line.setAttribute('d', paths.line);
    this.#area.setAttribute('d', paths.area);
  }
}

/**
 * Path data of values that fill `length` places from the right. The scale begins at 0 and leaves a tenth above the highest,
 * so that a steady figure is a level line and a peak stands out.
 */
export function sparklinePaths(
  values: readonly (number | null)[],
  length: number,
  width: number,
  height: number,
): { line: string; area: string } {
  const highest = Math.max(0, ...values.map((value) => value ?? 0)) * 1.1 || 1;
  const round = (value: number) => Math.round(value * 10) / 10;
  const runs: string[][] = [];
  let run: string[] | undefined;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      run = undefined;
      continue;
    }
    const x = round(((length - values.length + index) / (length - 1)) * width);
    const y = round(height - (value / highest) * height);
    if (!run) {
      run = [];
      runs.push(run);
    }
    run.push(`${x} ${y}`);
  }
  const lines = runs.filter((points) => points.length > 1);
  const x = (point: string | undefined) => point?.split(' ')[0];
  return {
    line: lines.map((points) => `M${points.join('L')}`).join(''),
    area: lines
      .map((points) => `M${x(points[0])} ${height}L${points.join('L')}L${x(points.at(-1))} ${height}Z`)
      .join(''),
  };
}
