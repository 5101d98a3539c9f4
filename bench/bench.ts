import { writeFileSync } from 'node:fs';
import { ENGINES, engineMissing, viewerBrowser } from './engines.ts';
import { browserVersion, describeMachine } from './machine.ts';
import { type BenchOptions, HELP, parseOptions, UsageError } from './options.ts';
import { SCENARIOS } from './scenarios/registry.ts';

const say = (line: string) => console.log(line);

/** Runs everything that was asked for. Returns the exit status. */
export async function main(args: string[]): Promise<number> {
  let options: BenchOptions | null;
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`bench: ${error.message}\n\n${HELP}`);
    return 64;
  }
  if (!options) {
    say(HELP);
    return 0;
  }
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort(new Error(`ended by ${signal}`)));
  }
  const browser = await viewerBrowser();
  const head = describeMachine(browserVersion(browser));
  say(`${head.join('\n')}\n`);
  for (const engine of ENGINES) {
    const reason = engineMissing(engine);
    if (reason) say(`engine ${engine} is left out: ${reason}`);
  }
  const scenario = SCENARIOS.find(({ name }) => name === options.scenario) ?? SCENARIOS[0];
  try {
    const { text, results } = await scenario.run({ options, browser, signal: abort.signal, say });
    if (text) say(`\n${text}`);
    if (options.json) writeFileSync(options.json, `${JSON.stringify({ head, options, results }, null, 2)}\n`);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
  if (!abort.signal.aborted) return 0;
  say(`bench: ${(abort.signal.reason as Error).message}; every process is ended`);
  return 130;
}

process.exitCode = await main(process.argv.slice(2));
