import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { AiortcContestant } from './aiortc-contestant.ts';
import type { Column } from './columns.ts';
import { type Contestant, NotRunnable, type Size } from './contestant.ts';
import { HostContestant } from './host-contestant.ts';
import { root, venvPython } from './paths.ts';
import { ReactorRuntimeContestant } from './reactor-runtime-contestant.ts';
import { report, type Skipped } from './report.ts';
import { type RunResult, run } from './run.ts';
import type { Scenario, ScenarioContext } from './scenarios/scenario.ts';
import { stagesReport } from './stages-report.ts';
import { figure } from './table.ts';

export interface SideBySide {
  columns: readonly Column[];
  notes?: readonly string[];
  /** Whether to look closely at the first second. */
  start?: boolean;
  /** Who runs, in this order; without it every engine, codec, size and peer of the command line. */
  contestants?: (context: ScenarioContext) => Contestant[];
}

/** A scenario's `run`: one contestant after the other before a viewer, one row each. Who cannot run is named below. */
export function sideBySide({
  columns,
  notes,
  start = false,
  contestants = usualContestants,
}: SideBySide): Scenario['run'] {
  return async (context) => {
    const { browser, signal, say } = context;
    const { seconds, warmupSeconds, stages } = context.options;
    const results: (RunResult | Skipped)[] = [];
    const references = new Map<string, Buffer>();
    for (const contestant of contestants(context)) {
      const { size } = contestant;
      const reference = references.get(size.name) ?? drawReference(size);
      references.set(size.name, reference);
      try {
        contestant.prepare?.();
        const result = await run(contestant, {
          seconds,
          warmupSeconds,
          start,
          stages,
          browser,
          reference,
          signal,
        });
        results.push(result);
        const { latencyMs, fps, firstPictureMs, psnrDb } = result.summary;
        say(
          `${contestant.name} ${size.name}${contestant.viewers > 1 ? ` ${contestant.viewers} viewers` : ''}: first picture ${figure(firstPictureMs)} ms, p50 ${figure(latencyMs.p50, 1)} ms, ` +
            `p95 ${figure(latencyMs.p95, 1)} ms, ${figure(fps, 1)} fps, ${figure(psnrDb, 1)} dB`,
        );
      } catch (error) {
        // What was measured until then is still worth printing.
        if (signal.aborted) break;
        const reason =
          error instanceof NotRunnable ? error.message : String((error as Error).message ?? error);
        results.push({ contestant: contestant.name, size: size.name, reason });
        say(`${contestant.name} ${size.name} did not run: ${reason}`);
      }
    }
    return {
      text:
        results.length > 0
          ? [report(results, columns, notes), ...(stages ? [stagesReport(results)] : [])].join('\n\n')
          : '',
      results,
    };
  };
}

/** In an order that puts what is to be compared side by side. */
export function usualContestants({ options, say }: ScenarioContext): Contestant[] {
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

/** The luma of the texture that the source scrolls, for PSNR. */
export function drawReference({ width, height }: Size): Buffer {
  const args = [path.join(root, 'bench/picture.py'), 'reference', String(width), String(height)];
  const drawn = spawnSync(venvPython, args, { maxBuffer: 3 * width * height + 1024 });
  if (drawn.status !== 0) throw new Error(`bench/picture.py failed: ${drawn.error?.message ?? drawn.stderr}`);
  return drawn.stdout;
}
