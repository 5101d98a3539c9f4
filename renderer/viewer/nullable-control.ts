import type { Control, ControlOptions } from './control.ts';
import { make } from './element.ts';

/** A value or none (JSON's null): a control with a button that takes its value away. */
export class NullableControl implements Control {
  readonly element = make('div', 'nullable');
  readonly aside = make('span', 'beside');
  readonly #inner: Control;
  readonly #none = make('button', 'button small none', 'None');
  #isNull = false;

  /** @param makeInner is given what the control inside is to tell */
  constructor(options: ControlOptions, makeInner: (options: ControlOptions) => Control) {
    this.#inner = makeInner({
      ...options,
      onChange: () => {
        this.#setNull(false);
        options.onChange();
      },
    });
    this.#none.type = 'button';
    this.#none.setAttribute('aria-label', `${options.label}: none`);
    this.#none.onclick = () => {
      if (this.#isNull) return;
      this.show(null);
      options.onChange();
    };
    const { aside, element } = this.#inner;
    this.element.append(element);
    // Beside a box, else beside a text.
    if (aside && element.hidden) this.aside.append(aside, this.#none);
    else this.element.append(this.#none);
    if (aside && !element.hidden) this.aside.append(aside);
    this.element.hidden = element.hidden;
  }

  get input(): HTMLElement {
    return this.#inner.input;
  }

  get isBusy(): boolean {
    return this.#inner.isBusy;
  }

  read(): unknown {
    return this.#isNull ? null : this.#inner.read();
  }

  show(value: unknown): void {
    this.#setNull(value === null);
    this.#inner.show(value ?? undefined);
  }

  accept(value: unknown): void {
    this.#inner.accept(value ?? undefined);
  }

  refuse(held: unknown): void {
    if (this.#isNull) this.show(held);
    else this.#inner.refuse(held ?? undefined);
  }

  #setNull(isNull: boolean): void {
    this.#isNull = isNull;
    this.#none.setAttribute('aria-pressed', String(isNull));
    for (const part of [this.element, this.aside]) part.classList.toggle('is-none', isNull);
  }
}
