import { expect, test } from 'vitest';
import { channelFromViewer } from '../../protocol/data-channel.ts';
import { receiverReport } from './receiver-report.ts';
import { readReceiver, receiverRates } from './stats-rates.ts';

test('what a browser measures becomes a message that the host takes', () => {
  const inbound = { type: 'inbound-rtp', id: 'I', packetsReceived: 0, bytesReceived: 0 };
  const sound = (played: number, concealedSamples: number, atMs: number) =>
    readReceiver([{ ...inbound, totalSamplesReceived: played, concealedSamples }], atMs);
  const pictures = (framesDecoded: number, atMs: number) =>
    readReceiver(
      [{ ...inbound, framesDecoded, totalProcessingDelay: framesDecoded / 100, freezeCount: 2 }],
      atMs,
    );
  const between = (
    before: ReturnType<typeof readReceiver>,
    now: ReturnType<typeof readReceiver>,
  ): ReturnType<typeof receiverRates> => {
    if (!now) throw new Error('no reading');
    return receiverRates(before, now);
  };
  const rates = new Map([
    ['main_video', between(pictures(0, 0), pictures(30, 1000))],
    ['main_audio', between(sound(0, 0, 0), sound(48_000, 4800, 1000))],
  ]);
  const tracks = receiverReport(rates, (name) => (name === 'main_video' ? 41.5 : null));
  const message = { scope: 'runtime', data: { type: 'receiver_report', data: { tracks } } };
  expect(channelFromViewer.parse(message)).toEqual(message);
  expect(tracks.main_video).toMatchObject({ fps: 30, latency_ms: 41.5, processing_ms: 10, freezes: 2 });
  expect(tracks.main_audio).toMatchObject({ fps: null, latency_ms: null, concealed: 0.1 });
});
