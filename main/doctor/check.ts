import { HostError } from '../errors.ts';

/** `fail` keeps the host from running; `warn` does not, and something could be better. */
export type CheckStatus = 'ok' | 'warn' | 'fail';

/** One thing that the doctor has looked at. */
export interface Check {
  name: string;
  status: CheckStatus;
  /** What was found. */
  message: string;
  /** What to do about it; not where all is well. */
  hint?: string;
}

export const ok = (name: string, message: string): Check => ({ name, status: 'ok', message });
export const warn = (name: string, message: string, hint: string): Check => ({
  name,
  status: 'warn',
  message,
  hint,
});
export const fail = (name: string, message: string, hint: string): Check => ({
  name,
  status: 'fail',
  message,
  hint,
});

/** What was thrown, in the words of a HostError where it is one. */
export function failure(name: string, thrown: unknown): Check {
  if (thrown instanceof HostError) return fail(name, thrown.message, thrown.hint);
  return fail(name, (thrown as Error).message, 'this is unexpected: start the host with --log-level debug');
}

/** For people: a line each, the hint below it. */
export function checksText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, status, message, hint }) => {
      const line = `${status.padEnd(4)}  ${name.padEnd(width)}  ${message}`;
      return hint === undefined ? line : `${line}\n${' '.repeat(width + 8)}hint: ${hint}`;
    })
    .join('\n');
}
