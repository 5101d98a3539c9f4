import type { EncoderLog } from '../../protocol/encoder.ts';

type Level = EncoderLog['level'];

const EVERY_MS = 1000;
const MAX_CHARACTERS = 8000;

/** The page's log, which the host prints. A line that repeats is sent once a second, with the count of the others. */
export class PageLog {
  readonly #send: (line: EncoderLog) => void;
  readonly #nowMs: () => number;
  readonly #recent = new Map<string, { sentMs: number; held: number }>();

  constructor(send: (line: EncoderLog) => void, nowMs: () => number) {
    this.#send = send;
    this.#nowMs = nowMs;
  }

  debug(message: string): void {
    this.#log('debug', message);
  }
  info(message: string): void {
    this.#log('info', message);
  }
  warn(message: string): void {
    this.#log('warn', message);
  }
  error(message: string): void {
    this.#log('error', message);
  }

  #log(level: Level, text: string): void {
    const nowMs = this.#nowMs();
    const message = text.slice(0, MAX_CHARACTERS);
    const recent = this.#recent.get(message);
    if (recent && nowMs - recent.sentMs < EVERY_MS) {
      recent.held += 1;
      return;
    }
    for (const [key, { sentMs, held }] of this.#recent) {
      if (held === 0 && nowMs - sentMs >= EVERY_MS) this.#recent.delete(key);
    }
    this.#recent.set(message, { sentMs: nowMs, held: 0 });
    const repeated = recent?.held ? ` (and ${recent.held} times more)` : '';
    this.#send({ type: 'log', level, message: message + repeated });
  }
}
