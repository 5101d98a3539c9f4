import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { AiortcContestant } from './aiortc-contestant.ts';
import { type Contestant, NotRunnable, type Size } from './contestant.ts';
import { ENGINES, engineMissing, viewerBrowser } from './engines.ts';
import { HostContestant } from './host-contestant.ts';
import { browserVersion, describeMachine } from './machine.ts';
import { type BenchOptions, HELP, parseOptions, UsageError } from './options.ts';
import { root, venvPython } from './paths.ts';
import { ReactorRuntimeContestant } from './reactor-runtime-contestant.ts';
import { report, type Skipped } from './report.ts';
import { type RunResult, run } from './run.ts';
import { figure } from './table.ts';

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
  const results: (RunResult | Skipped)[] = [];
  const references = new Map<string, Buffer>();
  for (const contestant of contestants(options)) {
    const { size } = contestant;
    const reference = references.get(size.name) ?? drawReference(size);
    references.set(size.name, reference);
    const { seconds, warmupSeconds } = options;
    try {
      contestant.prepare?.();
      const result = await run(contestant, {
        seconds,
        warmupSeconds,
        browser,
        reference,
        signal: abort.signal,
      });
      results.push(result);
      const { latencyMs, fps, firstPictureMs, psnrDb } = result.summary;
      say(
        `${contestant.name} ${size.name}${contestant.viewers > 1 ? ` ${contestant.viewers} viewers` : ''}: first picture ${figure(firstPictureMs)} ms, p50 ${figure(latencyMs.p50, 1)} ms, ` +
          `p95 ${figure(latencyMs.p95, 1)} ms, ${figure(fps, 1)} fps, ${figure(psnrDb, 1)} dB`,
      );
    } catch (error) {
      if (abort.signal.aborted) break;
      const reason = error instanceof NotRunnable ? error.message : String((error as Error).message ?? error);
      results.push({ contestant: contestant.name, size: size.name, reason });
      say(`${contestant.name} ${size.name} did not run: ${reason}`);
    }
  }
  if (results.length > 0) say(`\n${report(results, options.scenario)}`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ head, options, results }, null, 2)}\n`);
  if (abort.signal.aborted) {
    say(`bench: ${(abort.signal.reason as Error).message}; every process is ended`);
    return 130;
  }
  return 0;
}

/** In an order that puts what is to be compared side by side. */
function contestants(options: BenchOptions): Contestant[] {
  const { engines, codecs, encoders, sizes, peers, tracks } = options;
  return sizes.flatMap((size) => [
    ...engines.flatMap((engine) =>
      codecs.flatMap((codec) =>
        options.viewers.flatMap((viewers) =>
          encoders.map((encoder) => new HostContestant({ engine, codec, encoder, size, viewers, tracks })),
        ),
      ),
    ),
    ...peers.map((peer) =>
      peer === 'aiortc' ? new AiortcContestant(size, say) : new ReactorRuntimeContestant(size, say),
    ),
  ]);
}

function drawReference({ width, height }: Size): Buffer {
  const args = [path.join(root, 'bench/picture.py'), 'reference', String(width), String(height)];
  const drawn = spawnSync(venvPython, args, { maxBuffer: 3 * width * height + 1024 });
  if (drawn.status !== 0) throw new Error(`bench/picture.py failed: ${drawn.error?.message ?? drawn.stderr}`);
  return drawn.stdout;
}

process.exitCode = await main(process.argv.slice(2));
