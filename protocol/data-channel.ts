import { z } from 'zod';
import { errorInfo } from './error.ts';
import { spreadMs } from './stats.ts';
import { trackName } from './track.ts';

/**
 * The JSON on a viewer's data channel (label `data`): `{"scope": "application" | "runtime", "data": {"type", "data"}}`.
 * Runtime messages are the host's own, in both directions; application messages are the model's.
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

/** To the viewer: a track's state by its wish, told once it holds. */
export const trackState = z.object({
  type: z.literal('track_state'),
  data: z.object({ track: trackName, paused: z.boolean() }),
});
export type TrackState = z.infer<typeof trackState>;

/** To the viewer: what it sent was not understood, or cannot be done. */
export const runtimeError = z.object({ type: z.literal('error'), data: errorInfo });

export const runtimeToViewer = z.object({
  scope: z.literal('runtime'),
  data: z.discriminatedUnion('type', [hostTiming, trackState, runtimeError]),
});
export type RuntimeToViewer = z.infer<typeof runtimeToViewer>;

const oneTrack = z.object({ track: trackName });

/** From the viewer: no media of this track until it is resumed. Nothing is encoded for a track that nobody watches. */
export const pauseTrack = z.object({ type: z.literal('pause_track'), data: oneTrack });

/** From the viewer: its media again, pictures from a key frame on. */
export const resumeTrack = z.object({ type: z.literal('resume_track'), data: oneTrack });

export const viewerToRuntime = z.object({
  scope: z.literal('runtime'),
  data: z.discriminatedUnion('type', [pauseTrack, resumeTrack]),
});
export type ViewerToRuntime = z.infer<typeof viewerToRuntime>;
