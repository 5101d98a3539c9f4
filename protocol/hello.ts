import { z } from 'zod';
import { MAX_TRACKS } from './limits.ts';
import { audioBitrateBps, track, trackName } from './track.ts';

/**
 * The first message of each connection and its answer. The version is a plain integer here, so that a peer of another
 * version is understood well enough to be refused with words.
 *
 * @packageDocumentation
 */

/** How a picture's bytes travel: in a slot of the shared ring file, or behind the header in the message. */
export const payloadWay = z.enum(['ring', 'inline']);
export type PayloadWay = z.infer<typeof payloadWay>;

/** Model to host, first message. */
export const modelHello = z.object({
  type: z.literal('hello'),
  role: z.literal('model'),
  version: z.int().min(0),
  package_version: z.string().max(64),
  /** For people: class name of the model. */
  model: z.string().max(256),
  pid: z.int().min(0),
  /** What this process can do, best first. */
  payloads: z.array(payloadWay).min(1),
  tracks: z
    .array(track)
    .min(1)
    .max(MAX_TRACKS)
    .refine((all) => new Set(all.map((each) => each.name)).size === all.length, 'track names differ'),
});
export type ModelHello = z.infer<typeof modelHello>;

/** The ring file: `slots` places of `slot_bytes` each, slot i begins at i * slot_bytes. Sparse, so unused places cost nothing. */
export const ring = z.object({
  path: z.string().min(1),
  slot_bytes: z.int().positive(),
  slots: z.int().positive(),
});
export type Ring = z.infer<typeof ring>;

/** How a ring file is divided, wherever it is. */
export const ringShape = ring.omit({ path: true });
export type RingShape = z.infer<typeof ringShape>;

/** Host to model, the answer to `hello`. `ring` is null where payloads travel inline. */
export const modelWelcome = z.object({
  type: z.literal('welcome'),
  version: z.int(),
  ring: ring.nullable(),
  video_window_frames: z.int().positive(),
  audio_window_us: z.int().positive(),
});
export type ModelWelcome = z.infer<typeof modelWelcome>;

/** Encoder page to host, first message. */
export const encoderHello = z.object({
  type: z.literal('hello'),
  role: z.literal('encoder'),
  version: z.int().min(0),
  /** For people: `navigator.userAgent`. */
  user_agent: z.string().max(1024),
  payloads: z.array(payloadWay).min(1),
  /** What stands at the beginning of the ring file that the page has made and nowhere else; the host finds the file by it. */
  ring_token: z.uuid().optional(),
});
export type EncoderHello = z.infer<typeof encoderHello>;

/** Codecs by the names of `?codec=` and `--codec`; upper case gives the RTP encoding name (`video/VP9`). */
export const videoCodec = z.enum(['vp9', 'h264', 'vp8', 'av1', 'h265']);
export type VideoCodec = z.infer<typeof videoCodec>;

export const iceServer = z.object({
  urls: z.string().min(1),
  username: z.string().optional(),
  credential: z.string().optional(),
});
export type IceServer = z.infer<typeof iceServer>;

/** What the encoder page needs to know of the host's configuration. */
export const mediaSettings = z.object({
  codecs: z.array(videoCodec).min(1),
  start_bitrate_bps: z.int().positive(),
  min_bitrate_bps: z.int().positive(),
  max_bitrate_bps: z.int().positive(),
  /** Of Opus for a stereo track; a mono one gets half. */
  audio_bitrate_bps: audioBitrateBps.default(128_000),
  /** Pictures of a model that yields sound wait for it. */
  lip_sync: z.boolean().default(false),
  ice_servers: z.array(iceServer),
  /** How long the answer waits for our candidates, in milliseconds. */
  gather_limit_ms: z.int().positive(),
  /** One encoder a track for all viewers, Chromium's own for each, or by codec and number of viewers. */
  encoder: z.enum(['auto', 'shared', 'native']).default('native'),
  /** Ask for a hardware encoder first, or never. */
  hardware: z.enum(['auto', 'off']).default('auto'),
  /** The most encoders a track and codec, for viewers whose links differ. */
  max_rungs: z.int().min(1).max(8).default(3),
});
export type MediaSettings = z.infer<typeof mediaSettings>;

/** Host to encoder page, the answer to `hello`. */
export const encoderWelcome = z.object({
  type: z.literal('welcome'),
  version: z.int(),
  media: mediaSettings,
});
export type EncoderWelcome = z.infer<typeof encoderWelcome>;

/** Host to encoder page: the tracks of the model that has just connected. Viewers keep their tracks by name. */
export const tracksMessage = z.object({ type: z.literal('tracks'), tracks: z.array(track).max(MAX_TRACKS) });
export type TracksMessage = z.infer<typeof tracksMessage>;

export { trackName };
