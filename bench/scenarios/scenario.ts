import type { BenchOptions } from '../options.ts';

/** A question that the bench answers. One file each in this folder, named in `registry.ts`. */
export interface Scenario {
  /** As in `--scenario NAME`. */
  name: string;
  /** For `--help`. */
  question: string;
  /** What it does where the command line does not say. Lists are written as on the command line. */
  defaults: ScenarioDefaults;
  /**
   * Measures, and returns the report. Every process that it starts is ended when this settles, also after an abort.
   *
   * @throws when it was aborted, or when there is nothing to report
   */
  run(context: ScenarioContext): Promise<ScenarioReport>;
}

export interface ScenarioDefaults {
  viewers?: string;
  sizes?: string;
  seconds?: string;
  codecs?: string;
}

export interface ScenarioContext {
  options: BenchOptions;
  /** The viewer's browser. */
  browser: string;
  /** Aborted by SIGINT and the like. */
  signal: AbortSignal;
  /** Prints a line while it runs. */
  say: (line: string) => void;
}

export interface ScenarioReport {
  /** One table, with its notes. */
  text: string;
  /** Every figure, for `--json`. */
  results: readonly unknown[];
}
