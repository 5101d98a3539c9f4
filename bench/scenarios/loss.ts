import { FIRST, FLOW, LATENCY, OTHERS, QUALITY, SIZE } from '../columns.ts';
import { HostContestant } from '../host-contestant.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Scenario } from './scenario.ts';

const LOSSES = [0, 0.05, 0.1];
/** As a share of the delay. */
const JITTER = 0.25;

/** Random loss on the way to the viewer, with `--delay` also delay and jitter. */
export const loss: Scenario = {
  name: 'loss',
  question: 'what does a viewer see who loses packets, and how are they made up for?',
  defaults: { sizes: '720p30', seconds: '12' },
  run: sideBySide({
    columns: [
      ...SIZE,
      ...FIRST.slice(0, 1),
      ...LATENCY,
      ...FLOW,
      ...QUALITY,
      ['lost', 'packets', ({ summary }) => String(summary.packetsLost)],
      ['RTX', 'packets', ({ summary }) => String(summary.rtxPackets)],
      ['NACK', 'messages', ({ summary }) => String(summary.nacks)],
      ['FEC', 'packets', ({ summary }) => String(summary.fecPackets)],
      ['key frames', '', ({ summary }) => String(summary.keyFrames)],
      OTHERS,
    ],
    notes: [
      'Every packet of media goes through a relay (test/fixtures/udp-relay.ts), which loses some of those to the viewer.',
    ],
    contestants: ({ options: { sizes, engines, codecs, encoders, tracks, delayMs } }) =>
      sizes.flatMap((size) =>
        engines.flatMap((engine) =>
          codecs.flatMap((codec) =>
            encoders.flatMap((encoder) =>
              LOSSES.map((loss) => {
                const path = { delayMs, jitterMs: JITTER * delayMs, loss };
                return new HostContestant({ engine, codec, encoder, size, viewers: 1, tracks, path });
              }),
            ),
          ),
        ),
      ),
  }),
};
