/** The part of the page by which one value is changed. What it does with the value is its owner's business. */
export interface Control {
  readonly element: HTMLElement;
  /** What a label belongs to. */
  readonly input: HTMLElement;
  /** Stands beside the label, where there is something. */
  readonly aside?: HTMLElement;
  /**
   * What is there now; undefined where nothing is.
   *
   * @throws UnreadableError what is there is no value
   */
  read(): unknown;
  /** Shows this value, instead of whatever is there. Undefined: none. */
  show(value: unknown): void;
  /** This value holds now. Unlike with `show`, what a person has typed since then stays. */
  accept(value: unknown): void;
  /** What is there was refused, and `held` still holds. What was typed stays, to be mended. */
  refuse(held: unknown): void;
  /** A person is typing or dragging: no other value may take the place of theirs. */
  readonly isBusy: boolean;
}

export interface ControlOptions {
  id: string;
  label: string;
  /** In a form nothing is sent by itself: a text needs no button of its own, and Enter is the form's. */
  isInForm: boolean;
  /** A person has chosen a value. Comes again and again while one drags. */
  onChange: () => void;
  /** A person has stopped typing or dragging. */
  onRest: () => void;
}

/** What is in a control is no value yet; its message says what is missing. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}
