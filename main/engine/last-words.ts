/** What a dying Chromium prints after the reason: a stack, registers, crash keys. */
const AFTERWARDS = /^(#\d+ |\[end of stack trace\]|Received signal|Crash keys:|Task trace:|\s)/;

/** A machine without a desktop has no D-Bus; Chromium complains and does without. */
const NO_REASON = /:ERROR:(bus|object_proxy)\.cc\(/;

/** Of the lines on a browser's error output, the one that says best why it ended. */
export class LastWords {
  #fatal: string | undefined;
  #last = '';

  add(line: string): void {
    if (line === '' || AFTERWARDS.test(line) || NO_REASON.test(line)) return;
    this.#last = line;
    if (/[:[]FATAL:/.test(line)) this.#fatal ??= line;
  }

  /** `exit code 127: ...electron: error while loading shared libraries: ...`, or `signal SIGTRAP`. */
  after(code: number | null, signal: string | null): string {
    const words = this.#fatal ?? this.#last;
    return `${signal === null ? `exit code ${code}` : `signal ${signal}`}${words === '' ? '' : `: ${words}`}`;
  }
}
