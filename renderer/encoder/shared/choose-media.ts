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
 * From how many viewers on the shared encoder is the better one. It is so from the first on, by the table of docs/media.md
 * (720p30, two cores): at the same rate VP9 has 3 to 6 dB more, VP8 3, H.264 1.5, and AV1 the same at less latency, for 5 to
 * 15 % more CPU of the one viewer's; each further viewer then costs next to nothing, and nobody's encoder has to be changed
 * when a second one comes.
 */
const SHARED_FROM_VIEWERS: Record<VideoCodec, number> = { vp9: 1, vp8: 1, h264: 1, av1: 1, h265: 1 };

/** Which encoder a viewer's track is to have. */
export function chooseMedia({ mode, codec, viewers, unable }: Situation): Choice {
  if (mode === 'native') return { media: 'native', reason: 'asked for' };
  if (unable !== null) return { media: 'native', reason: unable };
  if (mode === 'shared') return { media: 'shared', reason: 'asked for' };
  const from = SHARED_FROM_VIEWERS[codec];
  return viewers >= from
    ? { media: 'shared', reason: `the better one for ${codec} and ${viewers} viewers` }
    : { media: 'native', reason: `the better one for ${codec} and so few viewers` };
}
