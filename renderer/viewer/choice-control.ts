import type { Control, ControlOptions } from './control.ts';
import { make } from './element.ts';

/** One of several values, of any type. */
export class ChoiceControl implements Control {
  readonly element = make('div', 'choice');
  readonly input = make('select', '');
  readonly isBusy = false;
  readonly #values: readonly unknown[];

  constructor(values: readonly unknown[], { id, onChange }: ControlOptions) {
    this.#values = values;
    this.input.id = id;
    for (const value of values) this.input.add(new Option(choiceLabel(value)));
    this.input.onchange = onChange;
    this.element.append(this.input);
    this.show(undefined);
  }

  read(): unknown {
    return this.#values[this.input.selectedIndex];
  }

  show(value: unknown): void {
    this.input.selectedIndex = this.#values.findIndex((each) => isSame(each, value));
  }

  accept(): void {}

  refuse(held: unknown): void {
    this.show(held);
  }
}

export function choiceLabel(value: unknown): string {
  if (value === null) return 'None';
  if (value === true) return 'On';
  if (value === false) return 'Off';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}
