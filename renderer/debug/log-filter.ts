import type { DebugLogLine } from '../../protocol/debug.ts';

export interface LogWish {
  /** The least level. */
  level: DebugLogLine['level'];
  /** `host`, `model`, `encoder`; empty for all. */
  from: string;
  /** Has to stand somewhere in the line, in whatever case. */
  text: string;
}

const LEVELS: readonly DebugLogLine['level'][] = ['debug', 'info', 'warn', 'error'];

export function isWished(line: DebugLogLine, { level, from, text }: LogWish): boolean {
  if (LEVELS.indexOf(line.level) < LEVELS.indexOf(level)) return false;
  if (from !== '' && (line.from ?? 'host') !== from) return false;
  return text === '' || `${line.message} ${fieldsText(line)}`.toLowerCase().includes(text.toLowerCase());
}

/** `viewer=3q2-7wAB code=too-late`. */
export function fieldsText({ fields }: DebugLogLine): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
