import type { z } from 'zod';
import { EventFeed } from './event-feed.ts';
import { type HostSnapshot, type HostStats, hostSnapshot, hostStats } from './host-snapshot.ts';

export interface HostEventsListener {
  onSnapshot(snapshot: HostSnapshot): void;
  onStats(stats: HostStats): void;
  /** False when the stream of events breaks, true when it stands (again). */
  onHeard(isHeard: boolean): void;
}

/** `GET /events`. */
export function hostEvents(listener: HostEventsListener): EventFeed {
  return new EventFeed({
    path: 'events',
    onOpen: () => listener.onHeard(true),
    onBroken: () => listener.onHeard(false),
    events: {
      state: (text) => {
        const snapshot = parse(hostSnapshot, text);
        if (snapshot) listener.onSnapshot(snapshot);
      },
      stats: (text) => {
        const stats = parse(hostStats, text);
        if (stats) listener.onStats(stats);
      },
    },
  });
}

/** Undefined for what is not understood: the stream itself plays without these words. */
function parse<T extends z.ZodType>(schema: T, text: string): z.infer<T> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    console.error('an event of the host is not understood:', parsed.error.message);
  } catch {
    console.error('an event of the host is not JSON');
  }
  return undefined;
}
