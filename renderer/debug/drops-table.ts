import { make } from '../viewer/element.ts';
import type { Drop } from './drops.ts';

/** What was left out, a row each; those of the last seconds stand out. */
export class DropsTable {
  readonly #body: HTMLElement;
  #shown = '';

  constructor(table: HTMLTableElement) {
    this.#body = table.tBodies[0] ?? table.createTBody();
  }

  show(drops: readonly Drop[]): void {
    const text = JSON.stringify(drops);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#body.replaceChildren(...(drops.length === 0 ? [none()] : drops.map(rowOf)));
  }
}

function rowOf({ track, where, count, lately, unit }: Drop): HTMLElement {
  const row = make('tr', lately ? 'lately' : '');
  const suffix = unit === 'ms' ? ' ms' : '';
  row.append(
    make('th', '', track),
    make('td', 'where', where),
    make('td', 'count', `${Math.round(count)}${suffix}`),
    make('td', 'count', lately === null ? '' : `+${Math.round(lately)}${suffix}`),
  );
  return row;
}

function none(): HTMLElement {
  const row = make('tr', '');
  const cell = make('td', 'where', 'Nothing so far.');
  cell.colSpan = 4;
  row.append(cell);
  return row;
}
