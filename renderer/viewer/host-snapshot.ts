import { z } from 'zod';
import { errorInfo } from '../../protocol/error.ts';
import { MAX_TRACKS } from '../../protocol/limits.ts';
import { hostStats } from '../../protocol/stats.ts';
import { track } from '../../protocol/track.ts';

const tracks = z.array(track).max(MAX_TRACKS);

/** Event `state` of `GET /events`: where the host stands. */
export const hostSnapshot = z.object({
  model: z.object({
    state: z.enum(['starting', 'waiting', 'loading', 'running', 'idle', 'ended', 'crashed', 'restarting']),
    name: z.string().nullable(),
    error: errorInfo.optional(),
  }),
  encoder: z.object({
    connected: z.boolean(),
    /** One more for each new encoder page: connections to the one before are dead. */
    generation: z.int().min(0),
  }),
  tracks,
  viewers: z.int().min(0),
});
export type HostSnapshot = z.infer<typeof hostSnapshot>;
export type ModelState = HostSnapshot['model']['state'];

/** Event `stats` of `GET /events`. Viewers are named by the first characters of their session's id. */
export { hostStats };
export type HostStats = z.infer<typeof hostStats>;

/** What this page reads of `GET /schema`. */
export const schemaTracks = z.object({ 'x-tracks': tracks });

/** Equal keys, equal tracks: a session stays of use as long as the tracks it was made for are there. */
export function tracksKey(list: HostSnapshot['tracks']): string {
  return list.map(({ kind, name }) => `${kind}:${name}`).join(' ');
}
