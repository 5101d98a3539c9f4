import type { Key } from './held-keys.ts';
import type { ModelCommand } from './model-schema.ts';

/** Where a model does not say which keys it listens to. */
const USUAL_KEYS = ['w', 'a', 's', 'd', ' '];
/** They take the focus on, and no page may keep them: who works with the keyboard alone has to get out (WCAG 2.1.2). */
const PAGE_KEYS = ['Tab', 'Escape'];

/** Keys whose name is not that of their place on the keyboard (`KeyboardEvent.key` and `code`). */
const NAMED = [
  [' ', 'Space'],
  ['Shift', 'ShiftLeft'],
  ['Control', 'ControlLeft'],
  ['Alt', 'AltLeft'],
] as const;

/** Whether the command asks for this key: all keys, or those that it lists as the choices of `key` or `code`. */
export function isBound(command: ModelCommand, { key, code }: Key): boolean {
  // F1 to F24 are the browser's, and others have no place on a model's keyboard either (Unidentified, Process).
  if (PAGE_KEYS.includes(key) || /^F\d+$|^(Unidentified|Process|Dead|Meta|ContextMenu)$/.test(key))
    return false;
  const listed = (name: string, value: string) => {
    const choices = choicesOf(command, name);
    return choices === undefined || choices.includes(value);
  };
  return listed('key', key) && listed('code', code);
}

/** The keys for a screen without a keyboard. */
export function padKeys(command: ModelCommand): Key[] {
  const codes = choicesOf(command, 'code');
  if (codes) return codes.map((code) => ({ key: keyOf(code), code }));
  return (choicesOf(command, 'key') ?? USUAL_KEYS).map((key) => ({ key, code: codeOf(key) }));
}

function choicesOf({ parameters }: ModelCommand, name: string): string[] | undefined {
  const kind = parameters.find((each) => each.name === name)?.kind;
  return kind?.kind === 'choice' ? kind.values.map(String) : undefined;
}

function codeOf(key: string): string {
  if (/^[a-z]$/i.test(key)) return `Key${key.toUpperCase()}`;
  if (/^\d$/.test(key)) return `Digit${key}`;
  return NAMED.find(([name]) => name === key)?.[1] ?? key;
}

function keyOf(code: string): string {
  const [, letter, digit] = /^Key([A-Z])$|^Digit(\d)$/.exec(code) ?? [];
  if (letter !== undefined) return letter.toLowerCase();
  return digit ?? NAMED.find(([, place]) => place === code)?.[0] ?? code;
}
