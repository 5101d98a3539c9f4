import { z } from 'zod';
import type { DebugLogLine } from '../protocol/debug.ts';
import { Signal } from './signal.ts';

/** Minutes of a busy host; about half a MiB. */
const MAX_LINES = 1000;
/** A traceback is longer, and its end is what tells. */
const MAX_LINE_CHARS = 16 * 1024;

const LEVELS: readonly [atLeast: number, level: DebugLogLine['level']][] = [
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
];

/** What the logger writes (pino), before it is made pretty. */
const written = z.looseObject({
  level: z.number(),
  time: z.number(),
  msg: z.string().default(''),
  from: z.string().optional(),
});

/** The last lines of the log, for the debug page. */
export class LogRing {
  readonly added = new Signal<[DebugLogLine]>();
  readonly #redact: (text: string) => string;
  #lines: DebugLogLine[] = [];
  #last = 0;

  /** @param redact takes secrets out of a text */
  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  get lines(): readonly DebugLogLine[] {
    return this.#lines;
  }

  /** Takes a line as the logger writes it: one JSON object. What is none is left out. */
  write(text: string): void {
    const line = this.#read(text.length > MAX_LINE_CHARS ? shortened(text) : text);
    if (!line) return;
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.added.emit(line);
  }

  #read(text: string): DebugLogLine | undefined {
    let value: unknown;
    try {
      value = JSON.parse(this.#redact(text));
    } catch {
      return undefined;
    }
    const parsed = written.safeParse(value);
    if (!parsed.success) return undefined;
    const { level, time, msg, from, ...fields } = parsed.data;
    this.#last++;
    return {
      sequence: this.#last,
      time_ms: time,
      level: LEVELS.find(([atLeast]) => level >= atLeast)?.[1] ?? 'debug',
      message: msg,
      from: from ?? null,
      fields,
    };
  }
}

function shortened(text: string): string {
  try {
    const line = JSON.parse(text) as Record<string, unknown>;
    for (const [key, value] of Object.entries(line)) {
      if (typeof value === 'string' && value.length > MAX_LINE_CHARS / 4)
        line[key] = `... ${value.slice(-MAX_LINE_CHARS / 4)}`;
      else if (typeof value === 'object' && JSON.stringify(value).length > MAX_LINE_CHARS / 4)
        line[key] = '...';
    }
    return JSON.stringify(line);
  } catch {
    return '';
  }
}
