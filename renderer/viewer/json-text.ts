import { UnreadableError } from './control.ts';

/** A value of no control of its own, as the text of its JSON. */
export function writeJson(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}

/** @throws UnreadableError */
export function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableError(`this is not JSON: ${(cause as Error).message}`);
  }
}
