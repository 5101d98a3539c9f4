import type { VideoCodec } from '../../../protocol/hello.ts';

/** `--encoder`: `shared` one encoder a track for all viewers, `native` Chromium's own for each, `auto` by the rule below. */
export type EncoderMode = 'auto' | 'shared' | 'native';
export type Media = 'shared' | 'native';

export interface Situation {
  mode: EncoderMode;
  codec: VideoCodec;
  /** Viewers of the track with this codec, the one in question included. */
  viewers: number;
  /** Why the shared encoder cannot be used (no such codec, it failed, the page lacks the means); null when it can. */
  unable: string | null;
}

export interface Choice {
  media: Media;
  /** For the log. */
  reason: string;
}

/**
 * From how many viewers on the shared encoder is the better one. For one viewer it measured no better at 720p30 on two
 * cores [E25, shared / native]: VP9 27 / 20 ms p50, 30 / 14 ms of the page's CPU a picture, 52.8 / 51.1 dB at 3.4 / 1.3
 * Mbps; H.264 18 / 19 ms, 17 / 13 ms, 46 / 44 dB; VP8 19 / 15 ms of CPU; AV1 26 / 23. From the second viewer on, native
 * costs its CPU all over again. The older table in ENGINE-NOTES had VP9 and VP8 far ahead, on another picture.
 */
const SHARED_FROM_VIEWERS: Record<VideoCodec, number> = { vp9: 2, vp8: 2, h264: 2, av1: 2 };

/** Which encoder a viewer's track is to have. */
export function chooseMedia({ mode, codec, viewers, unable }: Situation): Choice {
  if (mode === 'native') return { media: 'native', reason: 'asked for' };
  if (unable !== null) return { media: 'native', reason: unable };
  if (mode === 'shared') return { media: 'shared', reason: 'asked for' };
  const from = SHARED_FROM_VIEWERS[codec];
  return viewers >= from
    ? { media: 'shared', reason: `${viewers} viewers` }
    : { media: 'native', reason: `as good for ${codec} and so few viewers` };
}
