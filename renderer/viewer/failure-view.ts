import type { CommandFailure } from '../../protocol/interaction.ts';
import { make } from './element.ts';
import { limitWords } from './limit-words.ts';

/** Why something was refused, in the place where it was asked for. */
export class FailureView {
  readonly element = make('p', 'failure');
  #end: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string) {
    this.element.id = id;
    // Read aloud when it comes; there from the start, since what is not there yet is not watched.
    this.element.setAttribute('role', 'alert');
    this.clear();
  }

  showFor(failure: CommandFailure, durationMs: number): void {
    this.show(failure);
    this.#end = setTimeout(() => this.clear(), durationMs);
  }

  show({ message, hint, code, field, limit }: CommandFailure): void {
    clearTimeout(this.#end);
    const limits = field !== null && limit !== null ? limitWords(field, limit) : '';
    const words = make('span', 'failure-words', message);
    this.element.replaceChildren(words);
    if (limits !== '') this.element.append(' ', make('code', '', limits));
    if (hint !== '') this.element.append(' ', make('span', 'failure-hint', hint));
    this.element.dataset.code = code;
    this.element.hidden = false;
  }

  clear(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.element.replaceChildren();
    delete this.element.dataset.code;
  }
}

/** Of what never left this page. */
export function ownFailure(code: string, message: string, field: string): CommandFailure {
  return { code, message, hint: '', field, limit: null };
}
