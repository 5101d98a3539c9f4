import { type Control, type ControlOptions, UnreadableError } from './control.ts';
import { make } from './element.ts';
import { type ParameterKind, tidy } from './parameter-kind.ts';

type NumberKind = Extract<ParameterKind, { kind: 'number' }>;

/** A number: a box, and between two limits a slider. */
export class NumberControl implements Control {
  readonly element = make('div', 'slider');
  readonly input: HTMLElement;
  readonly aside: HTMLElement;
  readonly #kind: NumberKind;
  readonly #box = make('input', 'box');
  readonly #slider: HTMLInputElement | undefined;
  readonly #options: ControlOptions;
  /** The text of the value that holds. */
  #shown = '';
  /** The text that was offered last: it is not offered twice by Enter and then by leaving the box. */
  #offered: string | undefined;
  #isDragging = false;
  #isTyped = false;

  constructor(kind: NumberKind, options: ControlOptions) {
    this.#kind = kind;
    this.#options = options;
    const box = this.#box;
    box.type = 'number';
    box.inputMode = kind.isInteger && (kind.min ?? -1) >= 0 ? 'numeric' : 'decimal';
    // For the arrows alone: what is typed may lie in between.
    box.step = String(kind.step);
    if (kind.min !== null) box.min = String(kind.min);
    if (kind.max !== null) box.max = String(kind.max);
    box.oninput = () => {
      this.#isTyped = true;
    };
    box.onchange = () => this.#offer();
    box.onblur = () => options.onRest();
    box.onkeydown = (event) => {
      if (options.isInForm) return;
      if (event.key === 'Enter') this.#offer(true);
      if (event.key === 'Escape') this.#revert();
    };
    this.aside = box;
    const { min, max } = kind;
    if (min !== null && max !== null && min < max) {
      this.#slider = this.#makeSlider(min, max);
      this.input = this.#slider;
      box.setAttribute('aria-label', `${options.label}, exactly`);
    } else {
      this.input = box;
    }
    this.input.id = options.id;
    this.element.hidden = this.#slider === undefined;
  }

  get isBusy(): boolean {
    const isTyping = document.activeElement === this.#box && this.#box.value !== this.#shown;
    return this.#isDragging || isTyping;
  }

  read(): number | undefined {
    const { value, validity } = this.#box;
    if (value === '' && !validity.badInput) return undefined;
    const number = Number(value);
    if (value === '' || !Number.isFinite(number)) throw new UnreadableError('this is not a number');
    return number;
  }

  show(value: unknown): void {
    this.#shown = typeof value === 'number' ? String(tidy(value)) : '';
    this.#offered = undefined;
    this.#isTyped = false;
    this.#box.value = this.#shown;
    this.#showOnSlider(typeof value === 'number' ? value : undefined);
  }

  accept(value: unknown): void {
    this.#shown = typeof value === 'number' ? String(tidy(value)) : '';
    this.#offered = undefined;
  }

  refuse(held: unknown): void {
    if (!this.#isTyped) this.show(held);
  }

  #offer(isAsked = false): void {
    const { value } = this.#box;
    if (value === this.#offered && !isAsked) return;
    if (value === this.#shown && this.#offered === undefined && !this.#box.validity.badInput) return;
    this.#offered = value;
    if (value !== '') this.#showOnSlider(Number(value));
    this.#options.onChange();
  }

  #revert(): void {
    this.#box.value = this.#shown;
    this.#offered = undefined;
    this.#options.onRest();
  }

  #makeSlider(min: number, max: number): HTMLInputElement {
    const slider = make('input', 'range');
    slider.type = 'range';
    slider.min = String(min);
    slider.max = String(max);
    slider.step = String(this.#kind.step);
    slider.oninput = () => {
      this.#isTyped = false;
      this.#box.value = slider.value;
      this.#fill();
      this.#options.onChange();
    };
    slider.onpointerdown = () => {
      this.#isDragging = true;
    };
    slider.onpointerup = slider.onpointercancel = () => this.#rest();
    // A drag may end outside of the window.
    slider.onchange = () => this.#rest();
    this.element.append(slider);
    return slider;
  }

  #rest(): void {
    this.#isDragging = false;
    this.#options.onRest();
  }

  #showOnSlider(value: number | undefined): void {
    if (!this.#slider) return;
    this.#slider.value = String(value ?? this.#kind.min);
    this.#fill();
  }

  /** How much of the slider's track is in colour. */
  #fill(): void {
    const { min, max } = this.#kind;
    const slider = this.#slider;
    if (!slider || min === null || max === null) return;
    const share = (Number(slider.value) - min) / (max - min);
    slider.style.setProperty('--share', String(share));
  }
}
