import { z } from 'zod';
import { type DebugLogLine, debugLogLine } from '../../protocol/debug.ts';
import { byId, make } from '../viewer/element.ts';
import { EventFeed } from '../viewer/event-feed.ts';
import { fieldsText, isWished, type LogWish } from './log-filter.ts';

/** As many as the host keeps. */
const MAX_LINES = 1000;
/** What is laid out; more than a person scrolls through. */
const MAX_SHOWN = 300;

/** The host's log as it is written, with a filter. It stays at its end until a person scrolls away from there. */
export class LogView {
  readonly #list = byId('log-list');
  readonly #level = byId<HTMLSelectElement>('log-level');
  readonly #from = byId<HTMLSelectElement>('log-from');
  readonly #text = byId<HTMLInputElement>('log-text');
  #lines: DebugLogLine[] = [];
  #waiting: DebugLogLine[] = [];
  readonly #feed = new EventFeed({
    path: 'debug/log',
    onOpen: () => this.#clear(),
    events: { lines: (text) => this.#read(text) },
  });

  constructor() {
    for (const input of [this.#level, this.#from, this.#text]) input.oninput = () => this.#showAll();
  }

  open(): void {
    this.#feed.open();
  }

  close(): void {
    this.#feed.close();
  }

  /** A new stream begins with all that the host has kept. */
  #clear(): void {
    this.#lines = [];
    this.#waiting = [];
    this.#list.replaceChildren();
  }

  #read(text: string): void {
    const parsed = z.array(debugLogLine).safeParse(JSON.parse(text));
    if (!parsed.success) return;
    // A model that prints a lot is laid out once a frame, and not at all while nobody looks.
    if (this.#waiting.length === 0) requestAnimationFrame(() => this.#flush());
    this.#waiting.push(...parsed.data);
  }

  #flush(): void {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#lines = [...this.#lines, ...lines].slice(-MAX_LINES);
    this.#append(lines);
  }

  #showAll(): void {
    this.#list.replaceChildren();
    this.#append(this.#lines);
  }

  #append(lines: readonly DebugLogLine[]): void {
    const wish = this.#wish();
    const wished = lines.filter((line) => isWished(line, wish)).slice(-MAX_SHOWN);
    if (wished.length === 0) return;
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 24;
    this.#list.append(...wished.map(rowOf));
    while (this.#list.childElementCount > MAX_SHOWN) this.#list.firstElementChild?.remove();
    if (isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #wish(): LogWish {
    return {
      level: this.#level.value as LogWish['level'],
      from: this.#from.value,
      text: this.#text.value.trim(),
    };
  }
}

function rowOf(line: DebugLogLine): HTMLElement {
  const row = make('p', `line ${line.level}`);
  const time = new Date(line.time_ms);
  row.append(
    make('time', '', time.toTimeString().slice(0, 8)),
    make('span', 'level', line.level),
    make('span', 'from', line.from ?? 'host'),
    make('span', 'message', line.message),
  );
  const fields = fieldsText(line);
  if (fields !== '') row.append(make('span', 'fields', fields));
  return row;
}
