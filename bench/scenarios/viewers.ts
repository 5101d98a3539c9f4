import { CROWD, FIRST, FLOW, LATENCY, OTHERS, QUALITY, SIZE, senderCores } from '../columns.ts';
import { sideBySide } from '../side-by-side.ts';
import { figure } from '../table.ts';
import type { Scenario } from './scenario.ts';

/** Many viewers at once, of which the last to come is measured. */
export const viewers: Scenario = {
  name: 'viewers',
  question: 'what does a further viewer cost?',
  defaults: { viewers: '1,4,16,40', sizes: '720p30', seconds: '15' },
  run: sideBySide({
    columns: [
      ...SIZE,
      ...CROWD,
      ...FIRST,
      ...LATENCY,
      ...FLOW,
      [
        "crowd's first",
        'ms',
        ({ crowd }) => (crowd ? `${figure(crowd.firstMs.p50)}/${figure(crowd.firstMs.max)}` : '-'),
      ],
      ["crowd's least", '1/s', ({ crowd }) => figure(crowd?.leastFps, 1)],
      ["crowd's gap", 'ms', ({ crowd }) => figure(crowd?.longestGapMs)],
      ...QUALITY,
      ['CPU each', 'ms/picture', ({ cpuEachMs }) => figure(cpuEachMs, 2)],
      ["sender's CPU", 'cores', senderCores],
      OTHERS,
    ],
    notes: [
      'The last viewer to come is measured, in a browser; the others (bench/peers/crowd) receive and decode nothing.',
      "crowd's first: offer to the end of the first picture, median and worst; least: of the viewer that got the fewest.",
      "CPU each: of all the sender's processes, a picture that any viewer got.",
    ],
  }),
};
