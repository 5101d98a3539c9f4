import type { Skipped } from './report.ts';
import type { RunResult } from './run.ts';
import { STAGE_NAMES } from './stages.ts';
import { figure, table } from './table.ts';

/** Where the time of each contestant's pictures goes. */
export function stagesReport(results: readonly (RunResult | Skipped)[]): string {
  const ran = results.flatMap((each) =>
    'split' in each && each.split ? [{ ...each, split: each.split }] : [],
  );
  if (ran.length === 0) return 'stages: the viewer told of no picture when it was received';
  const pair = (ms: { p50: number; p95: number } | null) =>
    ms ? `${figure(ms.p50, 1)}/${figure(ms.p95, 1)}` : '-';
  const rows = ran.map(({ contestant, size, viewers, split }) => [
    contestant,
    size,
    String(viewers),
    ...STAGE_NAMES.map((name) => pair(split.stages[name])),
    figure(
      STAGE_NAMES.reduce((sum, name) => sum + (split.stages[name]?.p50 ?? Number.NaN), 0),
      1,
    ),
    pair(split.latencyMs),
    pair(split.codingMs),
    figure(split.latencyMs.p50 - (split.codingMs?.p50 ?? Number.NaN), 1),
  ]);
  const head: [string, string][] = [
    ['stages, p50/p95', ''],
    ['size', ''],
    ['viewers', ''],
    ...STAGE_NAMES.map((name): [string, string] => [name, 'ms']),
    ['sum of p50', 'ms'],
    ['glass to decoded', 'ms'],
    ['encode + decode', 'ms'],
    ['beyond it', 'ms'],
  ];
  return [
    table(head, rows),
    'draw: stamped until yielded. convert: until handed to the socket. hand-over: until in the encoder page. queue: until the',
    'encoder takes it. send: access unit there until in the sender (its stand-in). network: until the last packet has come.',
    'buffer: until the decoder gets it, and from the decoder to the page. A sender that tells nothing has the last two only.',
    'the slowest twentieth, mean less median of all, ms:',
    ...ran.map(({ contestant, size, viewers, split }) => {
      const parts = STAGE_NAMES.map((name) => `${name} ${figure(split.slowest[name], 1)}`).join(', ');
      return `  ${contestant} ${size}, ${viewers} viewers: ${parts}; ${split.slowestKeyFrames} of ${split.slowestPictures} are key frames`;
    }),
  ].join('\n');
}
