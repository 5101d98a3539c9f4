/** Something said, as the log keeps it. */
export interface LogEntry {
  /** Counts up. */
  id: number;
  /** Of the wall clock, in milliseconds. */
  atMs: number;
  /** The name of a message of the model. */
  kind: string;
  /** Its fields as people read them. */
  text: string;
}

export interface LogFilter {
  /** Empty: all. */
  kind: string;
  /** Parts that all have to be there, whatever their case. */
  text: string;
}

/** The newest messages, so many and no more. */
export class MessageBuffer {
  readonly #most: number;
  readonly #kinds = new Set<string>();
  #entries: LogEntry[] = [];
  #lastId = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** All kinds that were seen, in the order of their first. */
  get kinds(): readonly string[] {
    return [...this.#kinds];
  }

  add(kind: string, text: string, atMs: number): LogEntry {
    this.#lastId += 1;
    this.#kinds.add(kind);
    const entry = { id: this.#lastId, atMs, kind, text };
    this.#entries.push(entry);
    if (this.#entries.length > this.#most) this.#entries.shift();
    return entry;
  }

  clear(): void {
    this.#entries = [];
  }

  find(filter: LogFilter): LogEntry[] {
    return this.#entries.filter((entry) => passes(entry, filter));
  }
}

export function passes({ kind, text }: LogEntry, filter: LogFilter): boolean {
  if (filter.kind !== '' && filter.kind !== kind) return false;
  const searched = `${kind} ${text}`.toLowerCase();
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((part) => searched.includes(part));
}
