import type { EncoderLog } from '../../protocol/encoder.ts';

type Level = EncoderLog['level'];

const EVERY_MS = 1000;
const MAX_CHARACTERS = 8000;

/** The page's log, which the host prints, with the viewer that a line is about. A line that repeats is sent once a second, with the count of the others. */
export class PageLog {
  readonly #send: (line: EncoderLog) => void;
  readonly #nowMs: () => number;
  readonly #recent = new Map<string, { sentMs: number; held: number }>();

  constructor(send: (line: EncoderLog) => void, nowMs: () => number) {
    this.#send = send;
    this.#nowMs = nowMs;
  }

  debug(message: string, viewerId?: string): void {
    this.#log('debug', message, viewerId);
  }
  info(message: string, viewerId?: string): void {
    this.#log('info', message, viewerId);
  }
  warn(message: string, viewerId?: string): void {
    this.#log('warn', message, viewerId);
  }
  error(message: string, viewerId?: string): void {
    this.#log('error', message, viewerId);
  }

  #log(level: Level, text: string, viewerId: string | undefined): void {
    const nowMs = this.#nowMs();
    const message = text.slice(0, MAX_CHARACTERS);
    const key = `${viewerId ?? ''} ${message}`;
    const recent = this.#recent.get(key);
    if (recent && nowMs - recent.sentMs < EVERY_MS) {
      recent.held += 1;
      return;
    }
    for (const [other, { sentMs, held }] of this.#recent) {
      if (held === 0 && nowMs - sentMs >= EVERY_MS) this.#recent.delete(other);
    }
    this.#recent.set(key, { sentMs: nowMs, held: 0 });
    const repeated = recent?.held ? ` (and ${recent.held} times more)` : '';
    const about = viewerId === undefined ? {} : { viewer_id: viewerId };
    this.#send({ type: 'log', level, message: message + repeated, ...about });
  }
}
