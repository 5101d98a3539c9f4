import { z } from 'zod';
import {
  MAX_AUDIO_BITRATE_BPS,
  MAX_BITRATE_BPS,
  MAX_TRACK_WEIGHT,
  MIN_AUDIO_BITRATE_BPS,
  MIN_BITRATE_BPS,
  MIN_TRACK_WEIGHT,
} from './limits.ts';

/** A configured bitrate of Opus, in bits per second (RFC 7587 section 6.1, `maxaveragebitrate`). */
export const audioBitrateBps = z.int().min(MIN_AUDIO_BITRATE_BPS).max(MAX_AUDIO_BITRATE_BPS);

/** A configured video bitrate, in bits per second. */
export const bitrateBps = z.int().min(MIN_BITRATE_BPS).max(MAX_BITRATE_BPS);

/** A track's name: a field of the model's `Output`, hence a Python identifier. It also stands in `a=msid` (RFC 8830). */
export const trackName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a track name is a Python identifier');

/** One named output of the model, as declared by a field of its `Output`. */
export const track = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('video'),
    name: trackName,
    fps: z.number().positive().max(1000),
    /** Narrow the host's own limits for this track; see renderer/encoder/track-limits.ts. */
    start_bitrate_bps: bitrateBps.optional(),
    min_bitrate_bps: bitrateBps.optional(),
    max_bitrate_bps: bitrateBps.optional(),
    /** What is given up on a narrow link: the size (`motion`) or the rate of pictures (`detail`). */
    content: z.enum(['motion', 'detail']).optional(),
    /** Share of a narrow link beside other tracks of the same size; 1 where nothing is said. */
    weight: z.number().min(MIN_TRACK_WEIGHT).max(MAX_TRACK_WEIGHT).optional(),
  }),
  z.object({
    kind: z.literal('audio'),
    name: trackName,
    /** Of the samples on the wire, in Hz; Python resamples what the model yields. */
    sample_rate: z.literal(48_000),
    channels: z.union([z.literal(1), z.literal(2)]),
    /** Of Opus; the host's where nothing is said. */
    bitrate_bps: audioBitrateBps.optional(),
  }),
]);
export type Track = z.infer<typeof track>;
export type AudioTrack = Extract<Track, { kind: 'audio' }>;
export type VideoTrack = Extract<Track, { kind: 'video' }>;
