import { type Control, type ControlOptions, UnreadableError } from './control.ts';
import { make } from './element.ts';

/** A colour as `#rrggbb`, by the browser's picker, or as a text. */
export class ColourControl implements Control {
  readonly element = make('div', '');
  readonly input = make('input', 'swatch');
  readonly aside = make('span', 'beside');
  readonly #code = make('input', 'box code');
  readonly #options: ControlOptions;
  #shown = '';
  #isPicking = false;

  constructor(options: ControlOptions) {
    this.#options = options;
    const { input } = this;
    const code = this.#code;
    input.type = 'color';
    input.id = options.id;
    input.oninput = () => {
      this.#isPicking = true;
      code.value = input.value;
      options.onChange();
    };
    input.onchange = () => {
      this.#isPicking = false;
      options.onRest();
    };
    code.setAttribute('aria-label', `${options.label} as a code`);
    code.autocomplete = 'off';
    code.spellcheck = false;
    code.onchange = () => this.#onTyped();
    code.onblur = () => options.onRest();
    this.aside.append(code, input);
    this.element.hidden = true;
  }

  get isBusy(): boolean {
    const isTyping = document.activeElement === this.#code && this.#code.value !== this.#shown;
    return this.#isPicking || isTyping;
  }

  read(): string | undefined {
    const text = this.#code.value.trim();
    if (text === '') return undefined;
    const colour = fullColour(text);
    if (colour === undefined) throw new UnreadableError(`${text} is no colour such as #6ff0cd`);
    return colour;
  }

  show(value: unknown): void {
    this.#shown = typeof value === 'string' ? value : '';
    this.#code.value = this.#shown;
    this.input.value = fullColour(this.#shown) ?? '#000000';
  }

  accept(value: unknown): void {
    this.#shown = typeof value === 'string' ? value : '';
  }

  refuse(held: unknown): void {
    if (document.activeElement !== this.#code) this.show(held);
  }

  #onTyped(): void {
    const colour = fullColour(this.#code.value.trim());
    if (colour !== undefined) this.input.value = colour;
    this.#options.onChange();
  }
}

/** `#abc`, `abc` and `#AABBCC` as `#aabbcc`, the one form that the browser's picker takes. */
export function fullColour(text: string): string | undefined {
  const digits = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(text)?.[1]?.toLowerCase();
  if (digits === undefined) return undefined;
  return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`;
}
