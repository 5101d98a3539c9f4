import type { Control, ControlOptions } from './control.ts';
import { make, setText } from './element.ts';

export interface TextForm {
  maxLength: number | null;
  /** In an area of several lines. */
  isLong: boolean;
  /** Undefined becomes an empty text. */
  write: (value: unknown) => string;
  /** @throws UnreadableError */
  parse: (text: string) => unknown;
}

/** A text, or a value that is written as one. It is sent by Enter, by its button or by leaving it; Escape takes it back. */
export class TextControl implements Control {
  readonly element = make('div', 'text');
  readonly input: HTMLInputElement | HTMLTextAreaElement;
  readonly aside: HTMLElement;
  readonly #form: TextForm;
  readonly #options: ControlOptions;
  readonly #set = make('button', 'button small', 'Set');
  readonly #count = make('span', 'count');
  #shown = '';
  #offered: string | undefined;

  constructor(form: TextForm, options: ControlOptions) {
    this.#form = form;
    this.#options = options;
    this.aside = this.#count;
    this.input = form.isLong ? make('textarea', '') : make('input', '');
    const { input } = this;
    input.id = options.id;
    input.autocomplete = 'off';
    input.spellcheck = false;
    if (input instanceof HTMLTextAreaElement) input.rows = 2;
    input.oninput = () => this.#onInput();
    input.onchange = () => {
      if (!options.isInForm) this.#offer();
    };
    input.onblur = () => options.onRest();
    input.addEventListener('keydown', (event) => this.#onKey(event as KeyboardEvent));
    this.#set.type = 'button';
    this.#set.setAttribute('aria-label', `Set ${options.label}`);
    this.#set.onclick = () => this.#offer(true);
    this.element.append(input);
    if (!options.isInForm) this.element.append(this.#set);
    this.#look();
  }

  get isBusy(): boolean {
    return this.#isDirty && document.activeElement === this.input;
  }

  read(): unknown {
    return this.#form.parse(this.input.value);
  }

  show(value: unknown): void {
    this.#shown = this.#form.write(value);
    this.#offered = undefined;
    this.input.value = this.#shown;
    this.#look();
  }

  accept(value: unknown): void {
    this.#shown = this.#form.write(value);
    this.#offered = undefined;
    this.#look();
  }

  refuse(): void {
    this.#look();
  }

  get #isDirty(): boolean {
    return this.input.value !== this.#shown;
  }

  #onInput(): void {
    this.#look();
    if (this.#options.isInForm) this.#options.onChange();
  }

  #onKey(event: KeyboardEvent): void {
    // An Enter that ends the composition of a character is none of ours.
    if (event.isComposing) return;
    const { isInForm } = this.#options;
    const isOneLine = !this.#form.isLong || event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && isOneLine) {
      if (!isInForm) this.#offer(true);
      else if (this.#form.isLong) this.input.form?.requestSubmit();
    }
    if (event.key === 'Escape' && !isInForm && this.#isDirty) {
      this.input.value = this.#shown;
      this.#offered = undefined;
      this.#look();
      this.#options.onRest();
    }
  }

  #offer(isAsked = false): void {
    const { value } = this.input;
    if (!this.#isDirty || (value === this.#offered && !isAsked)) return;
    this.#offered = value;
    this.#options.onChange();
  }

  #look(): void {
    const { maxLength } = this.#form;
    // As Python counts, and JSON Schema: characters, not units of UTF-16.
    const length = [...this.input.value].length;
    this.#count.hidden = maxLength === null;
    setText(this.#count, `${length} / ${maxLength}`);
    this.#count.classList.toggle('over', maxLength !== null && length > maxLength);
    this.element.classList.toggle('dirty', this.#isDirty);
    this.#set.disabled = !this.#isDirty;
  }
}
