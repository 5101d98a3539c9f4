/** The browser connects again by itself while the host is down, but gives up on an answer that is no stream (401, 502). */
const REOPEN_MS = 2_000;

export interface EventFeedOptions {
  /** Relative to the page's own address. */
  path: string;
  /** The stream stands, for the first time or again. */
  onOpen: () => void;
  /** It broke. */
  onBroken?: () => void;
  /** By the name of the event, with its data as text. */
  events: Record<string, (data: string) => void>;
}

/** Server-sent events of the host, for as long as the page lives. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  #source: EventSource | undefined;
  #reopen: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  open(): void {
    this.close();
    const { path, onOpen, onBroken, events } = this.#options;
    const source = new EventSource(path);
    this.#source = source;
    source.onopen = onOpen;
    source.onerror = () => {
      onBroken?.();
      if (source.readyState === EventSource.CLOSED) this.#reopen = setTimeout(() => this.open(), REOPEN_MS);
    };
    for (const [name, read] of Object.entries(events))
      source.addEventListener(name, ({ data }) => read(String(data)));
  }

  close(): void {
    clearTimeout(this.#reopen);
    this.#source?.close();
    this.#source = undefined;
  }
}
