export type OutputLevel = 'debug' | 'info' | 'warn' | 'error';

const LEVELS: Record<string, OutputLevel> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
};

/** A line for the host's log. */
export interface OutputLine {
  level: OutputLevel;
  text: string;
}

/** Gives each line of the model's output a level: as the line says, and all of a traceback `error`. */
export class ModelOutput {
  #inTraceback = false;

  /** The level's name is taken off the line: the log prints it. */
  read(line: string): OutputLine {
    const level = this.#levelOf(line);
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
    // The model host's own errors: `error: what is wrong`, then `  hint: what to do  [code]`.
    return /^(error|\s+hint|[A-Za-z_.]*Error)\b/.test(line) ? 'error' : 'info';
  }
}
