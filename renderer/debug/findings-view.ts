import { make } from '../viewer/element.ts';
import type { Finding } from './diagnosis.ts';

const WORDS: Record<Finding['tone'], string> = { wrong: 'wrong', slow: 'could be better', note: 'note' };

/** What is wrong, as a list. Written only when it differs: it is read aloud by screen readers. */
export class FindingsView {
  readonly #list: HTMLElement;
  #shown: string | undefined;

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  show(findings: readonly Finding[]): void {
    const text = JSON.stringify(findings);
    if (text === this.#shown) return;
    this.#shown = text;
    const all = findings.length > 0 ? findings.map(itemOf) : [allWell()];
    this.#list.replaceChildren(...all);
  }
}

function itemOf({ tone, title, hint }: Finding): HTMLElement {
  const item = make('li', `finding ${tone}`);
  const mark = make('span', 'mark');
  mark.title = WORDS[tone];
  const words = make('div', '');
  words.append(make('p', 'finding-title', capital(title)), make('p', 'finding-hint', capital(hint)));
  item.append(mark, words);
  return item;
}

function allWell(): HTMLElement {
  const item = make('li', 'finding well');
  const words = make('div', '');
  words.append(make('p', 'finding-title', 'Nothing to be seen that is not as it should be'));
  item.append(make('span', 'mark'), words);
  return item;
}

/** A sentence begins with a capital, a track's or a viewer's name stays as it is. */
function capital(text: string): string {
  return /^[a-z]+ /.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
}
