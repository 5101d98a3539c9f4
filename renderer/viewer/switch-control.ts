import type { Control, ControlOptions } from './control.ts';
import { make } from './element.ts';

/** On or off. It stands beside its label. */
export class SwitchControl implements Control {
  readonly element = make('div', '');
  readonly input = make('input', 'switch');
  readonly aside = this.input;
  readonly isBusy = false;

  constructor({ id, onChange }: ControlOptions) {
    this.input.type = 'checkbox';
    this.input.setAttribute('role', 'switch');
    this.input.id = id;
    this.input.onchange = onChange;
    this.element.hidden = true;
  }

  read(): boolean {
    return this.input.checked;
  }

  show(value: unknown): void {
    this.input.checked = value === true;
  }

  accept(): void {}

  refuse(held: unknown): void {
    this.show(held);
  }
}
