import { expect, test } from 'vitest';
import type { VideoCodec } from '../../../protocol/hello.ts';
import { chooseMedia, type EncoderMode, type Media } from './choose-media.ts';

test.each<[EncoderMode, VideoCodec, number, string | null, Media]>([
  ['auto', 'vp9', 1, null, 'shared'],
  ['auto', 'vp8', 1, null, 'shared'],
  ['auto', 'h264', 1, null, 'shared'],
  ['auto', 'av1', 1, null, 'shared'],
  ['auto', 'vp9', 4, null, 'shared'],
  ['auto', 'vp8', 2, null, 'shared'],
  ['auto', 'h264', 2, null, 'shared'],
  ['auto', 'av1', 16, null, 'shared'],
  ['auto', 'vp9', 4, 'it failed', 'native'],
  ['shared', 'h264', 1, null, 'shared'],
  ['shared', 'h264', 1, 'not supported', 'native'],
  ['native', 'vp9', 16, null, 'native'],
])('%s, %s, %i viewers, unable: %s -> %s', (mode, codec, viewers, unable, media) => {
  const choice = chooseMedia({ mode, codec, viewers, unable });
  expect(choice.media).toBe(media);
  if (unable !== null) expect(choice.reason).toBe(unable);
});
