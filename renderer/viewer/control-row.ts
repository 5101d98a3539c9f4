import type { CommandFailure } from '../../protocol/interaction.ts';
import type { Control, ControlOptions } from './control.ts';
import { make } from './element.ts';
import { FailureView } from './failure-view.ts';
import { makeControl } from './make-control.ts';
import type { Parameter } from './parameter-kind.ts';

/** A control with its label, its description and the reason why its value was refused. */
export class ControlRow {
  readonly element = make('div', 'control');
  readonly control: Control;
  readonly #failure: FailureView;

  /** @param command makes its ids those of this command alone */
  constructor(
    command: string,
    parameter: Parameter,
    description: string,
    options: Omit<ControlOptions, 'id' | 'label'>,
  ) {
    const id = `control-${command}-${parameter.name}`;
    this.element.dataset.parameter = parameter.name;
    this.element.dataset.kind = parameter.kind.kind;
    this.control = makeControl(parameter, { ...options, id, label: parameter.label });
    this.#failure = new FailureView(`${id}-failure`);
    const head = make('div', 'control-head');
    const label = make('label', 'control-label', parameter.label);
    label.htmlFor = id;
    head.append(label);
    if (this.control.aside) head.append(this.control.aside);
    this.element.append(head, this.control.element);
    const describedBy = [this.#failure.element.id];
    if (description !== '') {
      const words = make('p', 'control-words', description);
      words.id = `${id}-words`;
      describedBy.unshift(words.id);
      this.element.append(words);
    }
    this.element.append(this.#failure.element);
    for (const each of this.#inputs()) each.setAttribute('aria-describedby', describedBy.join(' '));
  }

  refuse(failure: CommandFailure): void {
    this.#failure.show(failure);
    for (const each of this.#inputs()) each.setAttribute('aria-invalid', 'true');
  }

  clearFailure(): void {
    this.#failure.clear();
    for (const each of this.#inputs()) each.removeAttribute('aria-invalid');
  }

  /** A value from elsewhere has come: seen for a moment. */
  flash(): void {
    this.element.classList.remove('changed');
    // Read, so that the animation begins again.
    void this.element.offsetWidth;
    this.element.classList.add('changed');
  }

  #inputs(): Iterable<Element> {
    return this.element.querySelectorAll('input, select, textarea');
  }
}
