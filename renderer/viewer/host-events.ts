import type { z } from 'zod';
import { type HostSnapshot, type HostStats, hostSnapshot, hostStats } from './host-snapshot.ts';

/** The browser connects again by itself while the host is down, but gives up on an answer that is no stream (401, 502). */
const REOPEN_MS = 2_000;

export interface HostEventsListener {
  onSnapshot(snapshot: HostSnapshot): void;
  onStats(stats: HostStats): void;
  /** False when the stream of events breaks, true when it stands (again). */
  onHeard(isHeard: boolean): void;
}

/** `GET /events`, for as long as the page lives. */
export class HostEvents {
  readonly #listener: HostEventsListener;
  #source: EventSource | undefined;
  #reopen: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: HostEventsListener) {
    this.#listener = listener;
  }

  open(): void {
    this.close();
    const source = new EventSource('events');
    this.#source = source;
    source.onopen = () => this.#listener.onHeard(true);
    source.onerror = () => {
      this.#listener.onHeard(false);
      if (source.readyState !== EventSource.CLOSED) return;
      this.#reopen = setTimeout(() => this.open(), REOPEN_MS);
    };
    source.addEventListener('state', (event) => {
      const snapshot = parse(hostSnapshot, event.data);
      if (snapshot) this.#listener.onSnapshot(snapshot);
    });
    source.addEventListener('stats', (event) => {
      const stats = parse(hostStats, event.data);
      if (stats) this.#listener.onStats(stats);
    });
  }

  close(): void {
    clearTimeout(this.#reopen);
    this.#source?.close();
    this.#source = undefined;
  }
}

/** Undefined for what is not understood: the stream itself plays without these words. */
function parse<T extends z.ZodType>(schema: T, text: unknown): z.infer<T> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(String(text)));
    if (parsed.success) return parsed.data;
    console.warn('an event of the host is not understood:', parsed.error.message);
  } catch {
    console.warn('an event of the host is not JSON');
  }
  return undefined;
}
