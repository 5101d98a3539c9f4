import { FIRST, OTHERS, SIZE } from '../columns.ts';
import { sideBySide } from '../side-by-side.ts';
import { figure } from '../table.ts';
import type { Scenario } from './scenario.ts';

/** The first second on a link that limits nothing. */
export const start: Scenario = {
  name: 'start',
  question: 'how soon is the picture there, in full size and as good as it gets?',
  defaults: { seconds: '4' },
  run: sideBySide({
    start: true,
    columns: [
      ...SIZE,
      ...FIRST,
      ['answer to first', 'ms', ({ start: at }) => figure(at?.firstMs)],
      ['first size', 'px', ({ start: at }) => (at ? `${at.width}x${at.height}` : '-')],
      ['PSNR first', 'dB', ({ start: at }) => figure(at?.firstDb, 1)],
      ['0.5 s', 'dB', ({ start: at }) => figure(at?.halfSecondDb, 1)],
      ['0.5 s on', 'dB', ({ start: at }) => figure(at?.halfSecondAfterFirstDb, 1)],
      ['5 s', 'dB', ({ start: at }) => figure(at?.settledDb, 1)],
      OTHERS,
    ],
    notes: [
      'PSNR at 0.5 s: the mean of 0.4 to 0.6 s after the answer was applied; 0.5 s on: after the first decoded picture.',
      'At 5 s: the mean of 4.5 to 5.5 s after the first decoded picture.',
    ],
  }),
};
