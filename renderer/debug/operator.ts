import { type DebugAction, debugHistory } from '../../protocol/debug.ts';
import { ProblemError } from '../viewer/problem.ts';
import { request } from '../viewer/whep-session.ts';
import { type Sample, sampleOf } from './sample-window.ts';

/** What an operator asks of the host, and what became of it in words. */
export class Operator {
  readonly #tell: (words: string, isBad: boolean) => void;

  /** @param tell shows a person what became of an action */
  constructor(tell: (words: string, isBad: boolean) => void) {
    this.#tell = tell;
  }

  /** @returns whether it was done */
  async act(action: DebugAction, done: string): Promise<boolean> {
    try {
      await request('debug/actions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(action),
      });
      this.#tell(done, false);
      return true;
    } catch (thrown) {
      const words =
        thrown instanceof ProblemError
          ? [thrown.problem.message, thrown.problem.hint].filter(Boolean).join(' – ')
          : String(thrown);
      this.#tell(words, true);
      return false;
    }
  }

  /** The statistics of before; none where they cannot be had. */
  async history(): Promise<Sample[]> {
    const response = await request('debug/history').catch(() => undefined);
    const parsed = debugHistory.safeParse(await response?.json().catch(() => undefined));
    return parsed.success ? parsed.data.samples.map(sampleOf) : [];
  }
}
