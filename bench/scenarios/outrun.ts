import { FLOW, LATENCY, OTHERS, SIZE } from '../columns.ts';
import { HostContestant } from '../host-contestant.ts';
import { sideBySide } from '../side-by-side.ts';
import { figure } from '../table.ts';
import type { Scenario } from './scenario.ts';

/** How fast the model draws, as a multiple of the rate that it declares. */
const PACES = [1, 2 / 3, 2];

/** A model exactly at, below and above its declared rate: a queue that builds up shows as latency that grows. */
export const outrun: Scenario = {
  name: 'outrun',
  question: 'does latency grow when the model is slower or faster than it declares?',
  defaults: { codecs: 'h264', seconds: '60' },
  run: sideBySide({
    columns: [
      ...SIZE,
      ['p50 at 5 s', 'ms', ({ summary }) => figure(summary.secondsMs[5], 1)],
      ['p50 at 60 s', 'ms', ({ summary }) => figure(summary.secondsMs[60], 1)],
      ['worst second', 'ms', ({ summary }) => figure(Math.max(...summary.secondsMs.slice(5)), 1)],
      ...LATENCY,
      ...FLOW,
      OTHERS,
    ],
    notes: ['At 5 s, at 60 s: the median of that second, counted from the first picture.'],
    contestants: ({ options: { sizes, engines, codecs, tracks } }) =>
      sizes.flatMap((size) =>
        engines.flatMap((engine) =>
          codecs.flatMap((codec) =>
            PACES.map((pace) => {
              const modelFps = Math.round(size.fps * pace);
              return new HostContestant({
                engine,
                codec,
                encoder: 'auto',
                size,
                viewers: 1,
                tracks,
                modelFps,
              });
            }),
          ),
        ),
      ),
  }),
};
