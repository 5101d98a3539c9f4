import type { ReceiverReport } from '../../protocol/data-channel.ts';
import type { ReceiverRates } from './stats-rates.ts';

/** What the host cannot measure, by track: how late pictures are shown, and what was made up for what did not come. */
export function receiverReport(
  rates: ReadonlyMap<string, ReceiverRates>,
  latencyMs: (track: string) => number | null,
): ReceiverReport['data']['tracks'] {
  return Object.fromEntries(
    [...rates].map(([name, { fps, processingMs, framesDropped, freezes, concealed }]) => [
      name,
      {
        fps,
        latency_ms: latencyMs(name),
        processing_ms: processingMs,
        frames_dropped: framesDropped,
        freezes,
        concealed,
      },
    ]),
  );
}
