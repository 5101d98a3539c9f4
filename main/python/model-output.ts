import { z } from 'zod';
import type { ErrorInfo } from '../../protocol/error.ts';

export type OutputLevel = 'debug' | 'info' | 'warn' | 'error';

const LEVELS: Record<string, OutputLevel> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
};

/** What the model host prints while REACTOR_HOST_LOG_FORMAT is json (`log.py`, `report.py`); an error of its own has code and hint. */
const record = z.object({
  level: z.string(),
  /** Python's number of the level: authors name levels of their own. */
  level_number: z.number().optional(),
  name: z.string(),
  msg: z.string(),
  /** On whose behalf the code ran that said it, and for which command, by the host's numbers. */
  client: z.string().max(64).optional(),
  request: z.int().optional(),
  /** What the author gave with `extra=`. */
  fields: z.record(z.string(), z.unknown()).optional(),
  code: z.string().optional(),
  hint: z.string().optional(),
  traceback: z.string().optional(),
});

/** A line for the host's log. */
export interface OutputLine {
  level: OutputLevel;
  text: string;
  /** Of Python's logging: the name of the logger, and what was given with `extra=`. */
  logger?: string;
  client?: string;
  request?: number;
  fields?: Record<string, unknown>;
  /** The model's own words about why it cannot go on. */
  report?: ErrorInfo;
  /** Python's, of a report or a record. */
  traceback?: string;
}

/**
 * Gives each line of the model's output a level. Records of Python's logging and errors of the model host are JSON and say
 * it themselves; of what the author or a library prints, a line that begins with a level has that, all of a traceback `error`.
 */
export class ModelOutput {
  #inTraceback = false;

  read(line: string): OutputLine {
    const said = readRecord(line);
    if (said) {
      this.#inTraceback = false;
      return said;
    }
    const level = this.#levelOf(line);
    // The level's name is taken off the line: the log prints it.
    const text = level === 'error' ? line : line.replace(/^(DEBUG|INFO|WARNING) /, '');
    return { level, text };
  }

  #levelOf(line: string): OutputLevel {
    if (/^\s*(\+ )?(Exception Group )?Traceback \(most recent call last\):/.test(line)) {
      this.#inTraceback = true;
      return 'error';
    }
    if (this.#inTraceback) {
      // Indented lines are frames and carets, an empty one stands between chained errors; the first other line is the error itself.
      if (line !== '' && !/^\s/.test(line)) this.#inTraceback = false;
      return 'error';
    }
    const named = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b/.exec(line)?.[1];
    if (named) return LEVELS[named] ?? 'info';
    return /^(error|[A-Za-z_.]*Error)\b/.test(line) ? 'error' : 'info';
  }
}

function readRecord(line: string): OutputLine | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = record.safeParse(value);
  if (!parsed.success) return undefined;
  const { level, level_number, name, msg, client, request, fields, code, hint, traceback = '' } = parsed.data;
  const withTraceback = traceback === '' ? {} : { traceback };
  if (code !== undefined && hint !== undefined) {
    const report = { code, message: msg, hint };
    return { level: 'error', text: msg, report, ...withTraceback };
  }
  return {
    level: level_number === undefined ? (LEVELS[level.toUpperCase()] ?? 'info') : levelOfNumber(level_number),
    text: msg,
    logger: name,
    ...(client === undefined ? {} : { client }),
    ...(request === undefined ? {} : { request }),
    ...(fields === undefined ? {} : { fields }),
    ...withTraceback,
  };
}

/** Python's levels: DEBUG is 10, INFO 20, WARNING 30, ERROR 40; one between two counts as the lower. */
function levelOfNumber(number: number): OutputLevel {
  if (number >= 40) return 'error';
  if (number >= 30) return 'warn';
  return number >= 20 ? 'info' : 'debug';
}
