import { byId, make, setText } from './element.ts';
import { type LogEntry, MessageBuffer, passes } from './message-buffer.ts';
import { messageWords } from './message-words.ts';

/** A model that speaks at 30 a second is remembered for a quarter of a minute; a page of this many lines scrolls smoothly. */
const MAX_ENTRIES = 500;
/** So near to its end, the log follows it. */
const END_PX = 24;

/** What the model says: the newest is in sight, unless somebody reads further up. */
export class MessageLog {
  readonly #section = byId('messages');
  readonly #kind = byId<HTMLSelectElement>('messages-kind');
  readonly #text = byId<HTMLInputElement>('messages-text');
  readonly #list = byId('messages-list');
  readonly #more = byId<HTMLButtonElement>('messages-more');
  readonly #empty = byId('messages-empty');
  readonly #buffer = new MessageBuffer(MAX_ENTRIES);
  readonly #clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
  /** Not on the page yet. */
  #fresh: LogEntry[] = [];
  #isPlanned = false;
  #isFollowing = true;
  #unread = 0;

  constructor() {
    // It scrolls, also by keys.
    this.#list.tabIndex = 0;
    this.#kind.onchange = () => this.#showAll();
    this.#text.oninput = () => this.#showAll();
    byId('messages-clear').onclick = () => {
      this.#buffer.clear();
      this.#showAll();
    };
    this.#more.onclick = () => {
      this.#follow();
      this.#list.focus();
    };
    this.#list.onscroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#list;
      this.#isFollowing = scrollHeight - clientHeight - scrollTop <= END_PX;
      if (this.#isFollowing) this.#setUnread(0);
    };
    this.#showEmpty();
  }

  /** @param kinds names of the messages that the model declares. Without one, and none ever come, there is no log */
  setKinds(kinds: readonly string[]): void {
    this.#section.hidden = kinds.length === 0 && this.#buffer.kinds.length === 0;
    this.#offerKinds(kinds);
  }

  add(kind: string, data: Record<string, unknown>): void {
    this.#section.hidden = false;
    this.#offerKinds([kind]);
    this.#fresh.push(this.#buffer.add(kind, messageWords(data), Date.now()));
    if (this.#isPlanned) return;
    // However fast they come, the page is laid out once a frame. A hidden page has no frames, but timers.
    this.#isPlanned = true;
    if (document.hidden) setTimeout(() => this.#showFresh());
    else requestAnimationFrame(() => this.#showFresh());
  }

  #offerKinds(kinds: readonly string[]): void {
    const known = new Set([...this.#kind.options].map(({ value }) => value));
    for (const kind of kinds) if (!known.has(kind)) this.#kind.add(new Option(kind, kind));
  }

  #showFresh(): void {
    this.#isPlanned = false;
    const filter = { kind: this.#kind.value, text: this.#text.value };
    const entries = this.#fresh.filter((entry) => passes(entry, filter)).slice(-MAX_ENTRIES);
    this.#fresh = [];
    if (entries.length === 0) return;
    this.#list.append(...entries.map((entry) => this.#line(entry)));
    const surplus = this.#list.childElementCount - MAX_ENTRIES;
    for (let index = 0; index < surplus; index += 1) this.#list.firstElementChild?.remove();
    if (this.#isFollowing) this.#follow();
    else this.#setUnread(this.#unread + entries.length);
    this.#showEmpty();
  }

  #showAll(): void {
    this.#fresh = [];
    const entries = this.#buffer.find({ kind: this.#kind.value, text: this.#text.value });
    this.#list.replaceChildren(...entries.map((entry) => this.#line(entry)));
    this.#follow();
    this.#showEmpty();
  }

  #line({ atMs, kind, text }: LogEntry): HTMLElement {
    const line = make('p', 'message');
    line.dataset.kind = kind;
    const time = make('time', '', this.#clock.format(atMs));
    time.dateTime = new Date(atMs).toISOString();
    line.append(time, ' ', make('b', '', kind), ' ', make('span', '', text));
    return line;
  }

  #follow(): void {
    this.#isFollowing = true;
    this.#setUnread(0);
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  #setUnread(unread: number): void {
    this.#unread = unread;
    this.#more.hidden = unread === 0;
    setText(this.#more, `${unread} new ↓`);
  }

  #showEmpty(): void {
    const isFiltered = this.#kind.value !== '' || this.#text.value.trim() !== '';
    this.#empty.hidden = this.#list.childElementCount > 0;
    setText(this.#empty, isFiltered ? 'No message like this.' : 'The model has said nothing yet.');
  }
}
