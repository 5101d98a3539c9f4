import { z } from 'zod';
import { encoderSupport } from './encoder-support.ts';
import { encoderHello, encoderWelcome, tracksMessage } from './hello.ts';
import { ackMessage, audioMessage, clockPing, clockPong, flushMessage, videoMessage } from './media.ts';
import { refusal } from './model.ts';
import { encoderStats } from './stats.ts';
import {
  requestDone,
  requestFailed,
  viewerAnswer,
  viewerCandidates,
  viewerClose,
  viewerControl,
  viewerId,
  viewerOffer,
  viewerRestart,
  viewerRestarted,
  viewerState,
} from './viewer.ts';
import { tellViewers, viewerChannel, viewerSaid } from './viewer-channel.ts';

/** Encoder page to host: a line for the host's log. */
export const encoderLog = z.object({
  type: z.literal('log'),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string().max(8192),
  /** Whose connection it is about. */
  viewer_id: viewerId.optional(),
});
export type EncoderLog = z.infer<typeof encoderLog>;

export const encoderToHost = z.discriminatedUnion('type', [
  encoderHello,
  ackMessage,
  clockPing,
  viewerAnswer,
  viewerRestarted,
  requestDone,
  requestFailed,
  viewerState,
  viewerChannel,
  viewerSaid,
  encoderStats,
  encoderSupport,
  encoderLog,
]);
export type EncoderToHost = z.infer<typeof encoderToHost>;

export const hostToEncoder = z.discriminatedUnion('type', [
  encoderWelcome,
  refusal,
  tracksMessage,
  videoMessage,
  audioMessage,
  flushMessage,
  clockPong,
  viewerOffer,
  viewerCandidates,
  viewerRestart,
  viewerClose,
  viewerControl,
  tellViewers,
]);
export type HostToEncoder = z.infer<typeof hostToEncoder>;
