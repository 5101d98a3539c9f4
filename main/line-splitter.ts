import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * A line longer than this is passed on in pieces: a progress bar without an end must not fill the memory. An error of a model
 * is one line, with a traceback of up to 65,536 characters (`MAX_TRACEBACK_CHARS`), which JSON makes longer.
 */
const MAX_LINE_CHARACTERS = 262_144;

/** Calls `onLine` for each line, the last without a line end too. A carriage return ends a line: progress bars use it. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string) => {
    const lines = (rest + text).split(/\r?\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    while (rest.length > MAX_LINE_CHARACTERS) {
      onLine(rest.slice(0, MAX_LINE_CHARACTERS));
      rest = rest.slice(MAX_LINE_CHARACTERS);
    }
  };
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  stream.on('end', () => {
    take(decoder.end());
    if (rest !== '') onLine(rest.replace(/\r$/, ''));
    rest = '';
  });
  stream.on('error', () => {});
}
