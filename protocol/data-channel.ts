import { z } from 'zod';
import { errorInfo } from './error.ts';
import { commandFailure, interactionName, jsonObject } from './interaction.ts';
import { receiverStats, spreadMs } from './stats.ts';
import { trackName } from './track.ts';

/**
 * The JSON on a viewer's data channel (label `data`): `{"scope": "application" | "runtime", "data": {"type", "data"}}`.
 * Runtime messages are the host's own, in both directions; application messages are the model's.
 * It is a superset of version 0 of Reactor's wire, whose names are kept where it has one (`requestSchema`, `modelSchema`).
 *
 * @packageDocumentation
 */

/** Chosen by the viewer and given back with what answers it. Version 0 has none: then only failures are told. */
export const channelRequestId = z.union([z.string().min(1).max(64), z.int().min(0)]);

// --- to the viewer

/** To the viewer, once a second: what the viewer cannot measure itself. */
export const hostTiming = z.object({
  type: z.literal('host_timing'),
  data: z.object({
    /** Per video track: yielded by the model until handed to the encoder. */
    tracks: z.record(z.string(), z.object({ hand_over_ms: spreadMs.nullable() })),
  }),
});
export type HostTiming = z.infer<typeof hostTiming>;

/** To the viewer, first message: which track each media section (`a=mid`) carries. */
export const trackMap = z.object({
  type: z.literal('track_map'),
  data: z.object({
    tracks: z.array(
      z.object({
        mid: z.string().max(64),
        name: trackName,
        kind: z.enum(['video', 'audio']),
        paused: z.boolean(),
      }),
    ),
  }),
});
export type TrackMap = z.infer<typeof trackMap>;

/** To the viewer: a track's state by its wish, told once it holds. */
export const trackState = z.object({
  type: z.literal('track_state'),
  data: z.object({ track: trackName, paused: z.boolean() }),
});
export type TrackState = z.infer<typeof trackState>;

/** To the viewer: what it sent was not understood, or cannot be done. */
export const runtimeError = z.object({ type: z.literal('error'), data: errorInfo });

/** created: no model yet. ready: nobody has come. waiting: somebody comes. orphaned: all have gone, and may come back. */
export const sessionState = z.enum([
  'created',
  'ready',
  'waiting',
  'streaming',
  'orphaned',
  'closing',
  'terminated',
]);
export type SessionState = z.infer<typeof sessionState>;

/** To the viewer, when its channel opens and at each change. */
export const sessionMessage = z.object({
  type: z.literal('session'),
  data: z.object({
    session_id: z.string().min(1).max(64),
    state: sessionState,
    /** This viewer's own. */
    client_id: z.string().min(1).max(64),
    /** How many are connected. */
    clients: z.int().min(0),
  }),
});

/** To the viewer: the session is over, as is this connection in a moment. */
export const sessionEnded = z.object({
  type: z.literal('sessionEnded'),
  data: z.object({
    reason: z.string().max(500),
    /** A person sent this viewer away: a page that connects again by itself is not to. */
    dismissed: z.boolean().optional(),
  }),
});

export type SessionEnded = z.infer<typeof sessionEnded>;

/** To the viewer: all values when its channel opens, later those that have changed, and by which client. */
export const stateMessage = z.object({
  type: z.literal('state'),
  data: z.object({ values: jsonObject, client_id: z.string().max(64).nullable() }),
});

/** To the viewer, for a command that came with a request id: it has run. A reply of the model comes beside it as a message. */
export const commandResult = z.object({
  type: z.literal('command_result'),
  data: z.object({ request_id: channelRequestId, command: z.string().max(64) }),
});

/** To the viewer: a command was refused, and the model has not seen it; or its handler raised. */
export const commandError = z.object({
  type: z.literal('command_error'),
  data: z.object({
    request_id: channelRequestId.nullable(),
    command: z.string().max(64),
    error: commandFailure,
  }),
});

/** To the viewer: the OpenAPI document of `GET /schema`, when asked for and when a model with another one has come. */
export const modelSchema = z.object({ type: z.literal('modelSchema'), data: jsonObject });

/** To the viewer, the answer to `ping`: its `id` and nothing else. */
export const pong = z.object({
  type: z.literal('pong'),
  data: z.object({ id: channelRequestId.optional() }),
});

export const runtimeToViewer = z.object({
  scope: z.literal('runtime'),
  data: z.discriminatedUnion('type', [
    hostTiming,
    trackMap,
    trackState,
    sessionMessage,
    sessionEnded,
    stateMessage,
    commandResult,
    commandError,
    modelSchema,
    pong,
    runtimeError,
  ]),
});
export type RuntimeToViewer = z.infer<typeof runtimeToViewer>;

/** To the viewer: a message of the model. */
export const applicationToViewer = z.object({
  scope: z.literal('application'),
  data: z.object({ type: interactionName, data: jsonObject }),
});
export type ApplicationToViewer = z.infer<typeof applicationToViewer>;

export const channelToViewer = z.discriminatedUnion('scope', [runtimeToViewer, applicationToViewer]);
export type ChannelToViewer = z.infer<typeof channelToViewer>;

// --- from the viewer

const oneTrack = z.object({ track: trackName });

/** From the viewer: no media of this track until it is resumed. Nothing is encoded for a track that nobody watches. */
export const pauseTrack = z.object({ type: z.literal('pause_track'), data: oneTrack });

/** From the viewer: its media again, pictures from a key frame on. */
export const resumeTrack = z.object({ type: z.literal('resume_track'), data: oneTrack });

/** From the viewer: answered by `pong`, as fast as the channel allows. */
export const ping = z.object({
  type: z.literal('ping'),
  data: z.object({ id: channelRequestId.optional() }).default({}),
});

/** From the viewer: answered by `modelSchema`. */
export const requestSchema = z.object({ type: z.literal('requestSchema'), data: jsonObject.default({}) });

/** From the viewer: answered by `track_map`. */
export const requestTracks = z.object({ type: z.literal('requestTracks'), data: jsonObject.default({}) });

/** From the viewer, once a second at most: for the host's statistics. Not answered. */
export const receiverReport = z.object({
  type: z.literal('receiver_report'),
  data: z.object({ tracks: z.record(trackName, receiverStats) }),
});
export type ReceiverReport = z.infer<typeof receiverReport>;

export const viewerToRuntime = z.object({
  scope: z.literal('runtime'),
  data: z.discriminatedUnion('type', [
    pauseTrack,
    resumeTrack,
    ping,
    requestSchema,
    requestTracks,
    receiverReport,
  ]),
});
export type ViewerToRuntime = z.infer<typeof viewerToRuntime>;

/** From the viewer: a command of the model; `request_id` asks for `command_result`. */
export const viewerToApplication = z.object({
  scope: z.literal('application'),
  data: z.object({
    type: z.string().min(1).max(64),
    data: jsonObject.default({}),
    request_id: channelRequestId.optional(),
  }),
});
export type ViewerToApplication = z.infer<typeof viewerToApplication>;

export const channelFromViewer = z.discriminatedUnion('scope', [viewerToRuntime, viewerToApplication]);
export type ChannelFromViewer = z.infer<typeof channelFromViewer>;
