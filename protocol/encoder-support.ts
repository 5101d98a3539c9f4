import { z } from 'zod';
import { videoCodec } from './hello.ts';

/** What an engine can do with a codec, asked for 1280x720 at 30 fps. */
export const codecSupport = z.object({
  codec: videoCodec,
  /** It can be agreed on with a viewer (`RTCRtpSender.getCapabilities`). */
  rtp: z.boolean(),
  /** WebCodecs has an encoder for it, in software or in hardware. */
  software: z.boolean(),
  hardware: z.boolean(),
});
export type CodecSupport = z.infer<typeof codecSupport>;

/** Encoder page to host, once a connection, as soon as the engine has said: for people who look why a stream is slow. */
export const encoderSupport = z.object({
  type: z.literal('encoder-support'),
  codecs: z.array(codecSupport).max(videoCodec.options.length),
});
export type EncoderSupport = z.infer<typeof encoderSupport>;
