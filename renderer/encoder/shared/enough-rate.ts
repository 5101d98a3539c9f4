import type { VideoCodec } from '../../../protocol/hello.ts';

/**
 * Bits a sample above which a picture hardly gets better: a detailed moving picture (bench/picture.py) at 720p30 had, by
 * docs/media.md, 52 dB with VP9 at 4.4 Mbps and 52.8 at 6.8. More would cost encode time, packets (which are most of what a
 * further viewer costs) and the viewer's decode time. 720p30 gets 5.0 Mbps with VP9, 4.1 with AV1, 8.3 with VP8; H.264 still
 * gains 2.5 dB from 6 to 9 Mbps, so its 10.0 are the default maximum, as is 1080p30 with VP9.
 */
const ENOUGH_BITS_PER_SAMPLE: Record<VideoCodec, number> = {
  vp9: 0.18,
  h264: 0.36,
  vp8: 0.3,
  av1: 0.15,
  // As VP9, which it resembles in efficiency: no encoder for it was at hand.
  h265: 0.18,
};

/** Small pictures have fewer samples to predict from, and headers weigh more; it matters to nobody's link. */
const LEAST_BPS = 1_000_000;

/** The most that an encoder is given for pictures of this size and rate, in bits per second. */
export function enoughBps(codec: VideoCodec, width: number, height: number, fps: number): number {
  return Math.max(LEAST_BPS, Math.round(ENOUGH_BITS_PER_SAMPLE[codec] * width * height * fps));
}
