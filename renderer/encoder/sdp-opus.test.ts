import { expect, test } from 'vitest';
import { OFFERS, readOffer } from './fixtures/offers.ts';
import { opusSettings, withOpus, withOpusNack } from './sdp-opus.ts';
import { parseSdp } from './sdp-sections.ts';

function opusLine(sdp: string): string {
  const payloadType = /a=rtpmap:(\d+) opus/.exec(sdp)?.[1];
  return sdp.split('\r\n').find((line) => line.startsWith(`a=fmtp:${payloadType} `)) ?? '';
}

test.each(OFFERS)('%s: stereo is asked for where the track is stereo', (name) => {
  const offer = readOffer(name);
  const mid = parseSdp(offer).media.find(({ kind }) => kind === 'audio')?.mid ?? '';
  const stereo = opusLine(withOpus(offer, new Map([[mid, { channels: 2, bitrateBps: 128_000 }]])));
  expect(stereo).toMatch(/[ ;]stereo=1/);
  expect(stereo).toMatch(/sprop-stereo=1/);
  expect(stereo).toMatch(/maxaveragebitrate=128000/);
  expect(stereo).toMatch(/useinbandfec=1/);
  expect(stereo.match(/[ ;]stereo=/g)).toHaveLength(1);
  const mono = opusLine(withOpus(offer, new Map([[mid, { channels: 1, bitrateBps: 64_000 }]])));
  expect(mono).toMatch(/maxaveragebitrate=64000/);
  expect(mono).not.toMatch(/sprop-stereo/);
  expect(withOpus(offer, new Map())).toBe(offer);
});

test.each([
  ["stereo gets the host's", { channels: 2 }, 96_000],
  ['mono half of it', { channels: 1 }, 48_000],
  ['a track may ask for its own', { channels: 1, bitrate_bps: 24_000 }, 24_000],
] as const)('%s', (_name, own, bitrateBps) => {
  const track = { kind: 'audio', name: 'voice', sample_rate: 48_000, ...own } as const;
  expect(opusSettings(track, { audio_bitrate_bps: 96_000 })).toEqual({ channels: own.channels, bitrateBps });
});

test.each(OFFERS)('%s: NACK for Opus is granted where it is offered, and nowhere else', (name) => {
  const offer = readOffer(name);
  expect(withOpusNack(offer, offer)).toBe(offer);
  const asking = offer.replace(/a=rtpmap:(\d+) opus\S*\r\n/, '$&a=rtcp-fb:$1 nack\r\n');
  expect(asking).not.toBe(offer);
  expect(withOpusNack(offer, asking)).toBe(asking);
  expect(withOpusNack(asking, asking)).toBe(asking);
});
