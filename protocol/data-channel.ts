import { z } from 'zod';
import { spreadMs } from './stats.ts';

/**
 * The JSON on a viewer's data channel (label `data`): `{"scope": "application" | "runtime", "data": {"type", "data"}}`.
 * Runtime messages are the host's own; application messages are the model's.
 *
 * @packageDocumentation
 */

/** To the viewer, once a second: what the viewer cannot measure itself. */
export const hostTiming = z.object({
  type: z.literal('host_timing'),
  data: z.object({
    /** Per video track: yielded by the model until handed to the encoder. */
    tracks: z.record(z.string(), z.object({ hand_over_ms: spreadMs.nullable() })),
  }),
});
export type HostTiming = z.infer<typeof hostTiming>;

export const runtimeToViewer = z.object({
  scope: z.literal('runtime'),
  data: z.discriminatedUnion('type', [hostTiming]),
});
export type RuntimeToViewer = z.infer<typeof runtimeToViewer>;
