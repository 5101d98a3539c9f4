import { z } from 'zod';
import { videoCodec } from './hello.ts';
import { hostStats } from './stats.ts';
import { bitrateBps } from './track.ts';

/**
 * What the debug page and the host say to each other over HTTP (`/debug/...`). Viewers are named as in `GET /events`.
 *
 * @packageDocumentation
 */

const viewer_id = z.string().min(1).max(64);

/** `POST /debug/actions`: what an operator does to a viewer or to the model. */
export const debugAction = z.discriminatedUnion('action', [
  /** The next picture of each of its tracks is a key frame, also for those who share the encoder. */
  z.strictObject({ action: z.literal('key-frame'), viewer_id }),
  /** The most that the viewer is sent, its sound and overhead included; null lifts it. */
  z.strictObject({ action: z.literal('bitrate-cap'), viewer_id, max_bitrate_bps: bitrateBps.nullable() }),
  /** One of the codecs that were agreed on, in the same connection. */
  z.strictObject({ action: z.literal('codec'), viewer_id, codec: videoCodec }),
  z.strictObject({ action: z.literal('disconnect'), viewer_id }),
  z.strictObject({ action: z.literal('restart-model') }),
]);
export type DebugAction = z.infer<typeof debugAction>;

/** One line of the host's log; event `lines` of `GET /debug/log` is a list of them. Secrets of the configuration are replaced. */
export const debugLogLine = z.object({
  /** Counts up by one: a gap means that lines were left out. */
  sequence: z.int().min(1),
  /** Since 1970, in milliseconds. */
  time_ms: z.number(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
  /** `model`, `encoder`; null for the host itself. */
  from: z.string().nullable(),
  /** Everything else that the line carries: `viewer`, `code`, `hint`... */
  fields: z.record(z.string(), z.unknown()),
});
export type DebugLogLine = z.infer<typeof debugLogLine>;

/** `GET /debug/history`: the statistics of the last two minutes, one a second. */
export const debugHistory = z.object({ samples: z.array(hostStats) });
