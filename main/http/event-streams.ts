const STREAMS = ['events', 'log'] as const;

/** `events`: `GET /events`; `log`: `GET /debug/log`. */
export type EventStreamName = (typeof STREAMS)[number];

/** How many streams of events somebody reads now. */
export class EventStreams {
  readonly #open = { events: new Set<symbol>(), log: new Set<symbol>() };

  /** @returns what to call when it ends; more than once does no harm */
  opened(name: EventStreamName): () => void {
    const stream = Symbol(name);
    this.#open[name].add(stream);
    return () => void this.#open[name].delete(stream);
  }

  get counts(): [name: EventStreamName, open: number][] {
    return STREAMS.map((name) => [name, this.#open[name].size]);
  }
}
