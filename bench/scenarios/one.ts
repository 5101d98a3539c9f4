import { FIRST, FLOW, LATENCY, OTHERS, QUALITY, SIZE, sum } from '../columns.ts';
import { sideBySide } from '../side-by-side.ts';
import { figure } from '../table.ts';
import type { Scenario } from './scenario.ts';

/** One viewer before one sender after the other. */
export const one: Scenario = {
  name: 'one',
  question: 'how good is one viewer’s picture, and how late?',
  defaults: { viewers: '1', sizes: '720p30,1080p30', seconds: '20' },
  run: sideBySide({
    columns: [
      ...SIZE,
      ['start to ready', 'ms', ({ readyMs }) => figure(readyMs)],
      ...FIRST,
      ...LATENCY,
      ['p99', 'ms', ({ summary }) => figure(summary.latencyMs.p99, 1)],
      ...FLOW,
      ...QUALITY,
      ['CPU', 'ms/picture', ({ senderCpuMs }) => figure(senderCpuMs && sum(Object.values(senderCpuMs)), 1)],
      ['jitter buffer', 'ms', ({ summary }) => figure(summary.jitterBufferMs, 1)],
      ['decode', 'ms', ({ summary }) => figure(summary.decodeMs, 1)],
      ['viewer CPU', 'ms/picture', ({ viewerCpuMs }) => figure(viewerCpuMs, 1)],
      OTHERS,
    ],
  }),
};
