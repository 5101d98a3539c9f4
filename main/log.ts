import { writeSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';
import { type HostError, toHostError } from './errors.ts';
import { Signal } from './signal.ts';

export type Log = Logger;

/** Each line of this process's log as it is written, as one JSON object. */
export const logLines = new Signal<[line: string]>();

const HOOKS = {
  streamWrite(line: string): string {
    logLines.emit(line);
    return line;
  },
};

/** Everything goes to standard output, in order and synchronously, so that the last words of a dying host are there. */
export function createLog(config: Pick<Config, 'logLevel' | 'logFormat'>): Log {
  if (config.logFormat === 'json') {
    const destination = pino.destination({ dest: 1, sync: true });
    // A closed pipe (`reactor-host | head`) must not end in an exception for each line.
    destination.on('error', () => {});
    return pino({ level: config.logLevel, base: null, hooks: HOOKS }, destination);
  }
  const stream = pretty({
    colorize: process.stdout.isTTY === true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,code,hint,traceback',
    messageFormat: (line, key) => forPeople(line, key),
    singleLine: true,
    sync: true,
    destination: 1,
  });
  stream.on('error', () => {});
  return pino({ level: config.logLevel, base: null, hooks: HOOKS }, stream);
}

/**
 * What to do stands on a line of its own, the code behind the message, where people look it up; a traceback stands before
 * the message, as in Python's own output.
 */
export function forPeople(line: Record<string, unknown>, messageKey: string): string {
  const { code, hint, traceback } = line;
  const before = typeof traceback === 'string' ? `${traceback.trimEnd()}\n` : '';
  const first = `${before}${line[messageKey] ?? ''}${code === undefined ? '' : ` (${code})`}`;
  return hint === undefined || hint === '' ? first : `${first}\n           hint: ${hint}`;
}

/** What the ready line tells. */
export interface Ready {
  url: string;
  engine: string;
  model: string;
}

/** The last line of a successful start, for people and programs: its form is fixed. */
export function logReady(format: Config['logFormat'], ready: Ready): void {
  const { url, engine, model } = ready;
  // Past the logger: --log-level must not hide what programs wait for.
  const line =
    format === 'json'
      ? JSON.stringify({ level: pino.levels.values.info, time: Date.now(), ...ready, msg: 'ready' })
      : `reactor-host ready ${url} engine=${engine} model=${model}`;
  try {
    writeSync(1, `${line}\n`);
  } catch {
    // Nobody reads our output any more: nothing to tell.
  }
}

/** Says a user's error: what is wrong, then what to do. The stack of an unexpected one goes to debug. */
export function logError(log: Log, thrown: unknown): HostError {
  const error = toHostError(thrown);
  const { code, message, hint, cause } = error;
  log.error({ code, hint }, message);
  if (cause instanceof Error) log.debug({ code }, cause.stack ?? cause.message);
  return error;
}

/** A log that is said to at most once a second per message, with how often it happened meanwhile. */
export class ThrottledLog {
  readonly #waiting = new Map<string, { count: number; last: string }>();
  readonly #log: Pick<Log, 'warn'>;
  readonly #nowMs: () => number;
  readonly #saidMs = new Map<string, number>();

  constructor(log: Pick<Log, 'warn'>, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** `what` is the kind of event, `reason` the details of this one: only the last is logged. */
  warn(what: string, reason: string): void {
    const entry = this.#waiting.get(what) ?? { count: 0, last: reason };
    entry.count++;
    entry.last = reason;
    this.#waiting.set(what, entry);
    const nowMs = this.#nowMs();
    if (nowMs - (this.#saidMs.get(what) ?? Number.NEGATIVE_INFINITY) < 1000) return;
    this.#saidMs.set(what, nowMs);
    this.#waiting.delete(what);
    this.#log.warn({ count: entry.count, reason: entry.last }, what);
  }
}
