import { CROWD, FLOW, LATENCY, OTHERS, QUALITY, SIZE, senderCores } from '../columns.ts';
import { sideBySide } from '../side-by-side.ts';
import { figure } from '../table.ts';
import type { Scenario } from './scenario.ts';

/** Minutes of it: the first ten seconds against the last. */
export const soak: Scenario = {
  name: 'soak',
  question: 'does latency grow over time under load?',
  defaults: { viewers: '2', sizes: '720p30', seconds: '300' },
  run: sideBySide({
    columns: [
      ...SIZE,
      ...CROWD,
      ['p50 first 10 s', 'ms', ({ summary }) => figure(summary.firstLatencyMs.p50, 1)],
      ['p50 last 10 s', 'ms', ({ summary }) => figure(summary.lastLatencyMs.p50, 1)],
      ['p95 first 10 s', 'ms', ({ summary }) => figure(summary.firstLatencyMs.p95, 1)],
      ['p95 last 10 s', 'ms', ({ summary }) => figure(summary.lastLatencyMs.p95, 1)],
      ...LATENCY,
      ...FLOW,
      ...QUALITY,
      ["sender's CPU", 'cores', senderCores],
      OTHERS,
    ],
  }),
};
