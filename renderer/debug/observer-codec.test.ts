import { expect, test } from 'vitest';
import type { HostStats } from '../viewer/host-snapshot.ts';
import { codecsToAsk, codecToTake } from './observer-codec.ts';

function stats(viewers: Record<string, string[]>): HostStats {
  return {
    viewers: Object.entries(viewers).map(([viewer_id, codecs]) => ({
      viewer_id,
      observer: viewer_id === 'me',
      senders: codecs.map((codec) => ({ kind: codec === 'opus' ? 'audio' : 'video', codec })),
    })),
  } as unknown as HostStats;
}

test.each<[viewers: Record<string, string[]>, ask: string | undefined, take: string | undefined]>([
  [{}, undefined, undefined],
  [{ me: ['VP9', 'opus'] }, undefined, undefined],
  [{ me: ['VP9'], a: ['VP9', 'opus'] }, 'vp9,h264,vp8,av1,h265', undefined],
  [{ me: ['VP9'], a: ['H264', 'opus'] }, 'h264,vp9,vp8,av1,h265', 'h264'],
  [{ me: ['AV1'], a: ['H264'], b: ['VP8'], c: ['VP8'] }, 'vp8,h264,vp9,av1,h265', 'vp8'],
  [{ me: ['H264'], a: ['H264'], b: ['VP8'], c: ['VP8'] }, 'vp8,h264,vp9,av1,h265', undefined],
  // Nothing is sent yet: to nobody, or to this page.
  [{ me: ['VP9'], a: [''] }, undefined, undefined],
  [{ me: [''], a: ['H264'] }, 'h264,vp9,vp8,av1,h265', undefined],
])('%j: asks for %s, goes over to %s', (viewers, ask, take) => {
  expect(codecsToAsk(stats(viewers))).toBe(ask);
  expect(codecToTake(stats(viewers), 'me')).toBe(take);
});
