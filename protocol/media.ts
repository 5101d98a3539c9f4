import { z } from 'zod';
import { MAX_PAYLOAD_BYTES, MAX_SIDE_SAMPLES } from './limits.ts';
import { trackName } from './track.ts';

/**
 * Pictures and sound, from the model through the host to the encoder page. The host forwards these bytes untouched.
 *
 * @packageDocumentation
 */

const stampUs = z.int().min(0);
const seq = z.int().min(0);
const side = z.int().min(1).max(MAX_SIDE_SAMPLES);

/**
 * One picture. The payload, or the first `bytes` bytes of the slot, holds the planes of `format` without padding,
 * ITU-R BT.601 limited range. `coded_*` are even; what is shown is the top left `width` x `height` of it.
 */
export const videoMessage = z.object({
  type: z.literal('video'),
  track: trackName,
  /** Counts the pictures sent on this track, without gaps. */
  seq,
  /** When the model yielded it, by the monotonic clock of the model's machine that audio shares, in microseconds. */
  capture_us: stampUs,
  /** When it was handed to the socket, by the same clock. */
  sent_us: stampUs,
  format: z.enum(['i420', 'nv12']),
  width: side,
  height: side,
  coded_width: side.multipleOf(2),
  coded_height: side.multipleOf(2),
  /** Pictures of this track dropped so far before sending because a newer one came (newest wins). */
  dropped: z.int().min(0),
  /** The ring slot that holds the picture; null when it is the payload. */
  slot: z.int().min(0).nullable(),
  bytes: z.int().min(1).max(MAX_PAYLOAD_BYTES),
});
export type VideoMessage = z.infer<typeof videoMessage>;

/** A piece of sound: the payload is `samples` * `channels` int16 little-endian, interleaved. */
export const audioMessage = z.object({
  type: z.literal('audio'),
  track: trackName,
  seq,
  /** When the first sample is due, by the clock of `videoMessage.capture_us`. */
  capture_us: stampUs,
  sent_us: stampUs,
  format: z.literal('s16'),
  sample_rate: z.literal(48_000),
  channels: z.union([z.literal(1), z.literal(2)]),
  samples: z
    .int()
    .min(1)
    .max(48_000 * 10),
});
export type AudioMessage = z.infer<typeof audioMessage>;

/**
 * Model to encoder page, forwarded by the host: nothing of this track of sound that came before is to be heard any more. What was
 * not acknowledged of it is, at once.
 */
export const flushMessage = z.object({ type: z.literal('flush'), track: trackName });
export type FlushMessage = z.infer<typeof flushMessage>;

/**
 * Encoder page to model (and host to model while no encoder page is there): everything of this track up to `seq` is
 * taken; its slots are free, its audio is played out.
 */
export const ackMessage = z.object({ type: z.literal('ack'), track: trackName, seq });
export type AckMessage = z.infer<typeof ackMessage>;

/** Host to model: a new encoder page is there and has no picture yet; send the newest of each track again. */
export const refreshMessage = z.object({ type: z.literal('refresh') });
export type RefreshMessage = z.infer<typeof refreshMessage>;

/** Encoder page to model, forwarded by the host: asks for the model's clock. `encoder_us` is by `performance.now()`. */
export const clockPing = z.object({ type: z.literal('clock-ping'), id: z.int().min(0), encoder_us: stampUs });
export type ClockPing = z.infer<typeof clockPing>;

/** The answer, at once: `model_us` is by the clock of `capture_us`. */
export const clockPong = z.object({
  type: z.literal('clock-pong'),
  id: z.int().min(0),
  encoder_us: stampUs,
  model_us: stampUs,
});
export type ClockPong = z.infer<typeof clockPong>;
