import { z } from 'zod';
import { errorInfo } from './error.ts';
import { videoCodec } from './hello.ts';
import { MAX_SDP_BYTES, MAX_TRACKS } from './limits.ts';
import { bitrateBps, trackName } from './track.ts';

/**
 * Viewers, between the host (which speaks WHEP with them) and the encoder page (which owns their RTCPeerConnection).
 *
 * @packageDocumentation
 */

const requestId = z.int().min(0);
export const viewerId = z.string().min(1).max(64);
const sdp = z.string().min(1).max(MAX_SDP_BYTES);

/** Host to encoder page: a viewer's offer. `codecs` is the order to try; `tracks` null means all. */
export const viewerOffer = z.object({
  type: z.literal('viewer-offer'),
  request_id: requestId,
  viewer_id: viewerId,
  sdp,
  codecs: z.array(videoCodec).min(1),
  tracks: z.array(trackName).max(MAX_TRACKS).nullable(),
  /** It looks on: it is sent what the others are, and nothing is encoded in another way because of it. */
  observer: z.boolean().optional(),
});
export type ViewerOffer = z.infer<typeof viewerOffer>;

/** Encoder page to host: the answer, with our candidates in it and track names in `a=msid`. */
export const viewerAnswer = z.object({
  type: z.literal('viewer-answer'),
  request_id: requestId,
  viewer_id: viewerId,
  sdp,
  tracks: z.array(
    z.object({
      name: trackName,
      kind: z.enum(['video', 'audio']),
      mid: z.string().max(64),
      /** The RTP encoding name that was agreed first, e.g. `VP9`, `opus`. */
      codec: z.string().max(32),
    }),
  ),
});
export type ViewerAnswer = z.infer<typeof viewerAnswer>;

export const iceCandidate = z.object({ mid: z.string().max(64), candidate: z.string().max(1024) });
export type IceCandidate = z.infer<typeof iceCandidate>;

/** Host to encoder page: candidates of the viewer (trickle ICE, RFC 8838). */
export const viewerCandidates = z.object({
  type: z.literal('viewer-candidates'),
  request_id: requestId,
  viewer_id: viewerId,
  candidates: z.array(iceCandidate).max(64),
  end_of_candidates: z.boolean(),
});
export type ViewerCandidates = z.infer<typeof viewerCandidates>;

/** Encoder page to host: done, nothing to tell. */
export const requestDone = z.object({ type: z.literal('request-done'), request_id: requestId });
export type RequestDone = z.infer<typeof requestDone>;

/** Host to encoder page: the viewer restarts ICE with these credentials (RFC 8445 section 9). */
export const viewerRestart = z.object({
  type: z.literal('viewer-restart'),
  request_id: requestId,
  viewer_id: viewerId,
  ice_ufrag: z.string().min(4).max(256),
  ice_pwd: z.string().min(22).max(256),
  candidates: z.array(iceCandidate).max(64),
});
export type ViewerRestart = z.infer<typeof viewerRestart>;

/** Encoder page to host: our new credentials and candidates. */
export const viewerRestarted = z.object({
  type: z.literal('viewer-restarted'),
  request_id: requestId,
  ice_ufrag: z.string().min(4).max(256),
  ice_pwd: z.string().min(22).max(256),
  candidates: z.array(iceCandidate).max(64),
});
export type ViewerRestarted = z.infer<typeof viewerRestarted>;

/** Encoder page to host: the request cannot be met. */
export const requestFailed = z.object({
  type: z.literal('request-failed'),
  request_id: requestId,
  error: errorInfo,
});
export type RequestFailed = z.infer<typeof requestFailed>;

/** Host to encoder page: the viewer left or is sent away. */
export const viewerClose = z.object({ type: z.literal('viewer-close'), viewer_id: viewerId });
export type ViewerClose = z.infer<typeof viewerClose>;

/** Host to encoder page: an operator's wish, see protocol/debug.ts. Answered by `request-done`. */
export const viewerControl = z.object({
  type: z.literal('viewer-control'),
  request_id: requestId,
  viewer_id: viewerId,
  control: z.discriminatedUnion('type', [
    z.object({ type: z.literal('key-frame') }),
    /** In all, in bits per second; null is no cap. */
    z.object({ type: z.literal('bitrate-cap'), max_bitrate_bps: bitrateBps.nullable() }),
    z.object({ type: z.literal('codec'), codec: videoCodec }),
  ]),
});
export type ViewerControl = z.infer<typeof viewerControl>;

/** Encoder page to host: the state of the viewer's connection (RTCPeerConnectionState). `closed` is the last. */
export const viewerState = z.object({
  type: z.literal('viewer-state'),
  viewer_id: viewerId,
  state: z.enum(['new', 'connecting', 'connected', 'disconnected', 'failed', 'closed']),
});
export type ViewerState = z.infer<typeof viewerState>;
