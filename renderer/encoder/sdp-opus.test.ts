import { expect, test } from 'vitest';
import { OFFERS, readOffer } from './fixtures/offers.ts';
import { withOpus } from './sdp-opus.ts';
import { parseSdp } from './sdp-sections.ts';

function opusLine(sdp: string): string {
  const payloadType = /a=rtpmap:(\d+) opus/.exec(sdp)?.[1];
  return sdp.split('\r\n').find((line) => line.startsWith(`a=fmtp:${payloadType} `)) ?? '';
}

test.each(OFFERS)('%s: stereo is asked for where the track is stereo', (name) => {
  const offer = readOffer(name);
  const mid = parseSdp(offer).media.find(({ kind }) => kind === 'audio')?.mid ?? '';
  const stereo = opusLine(withOpus(offer, new Map([[mid, 2]])));
  expect(stereo).toMatch(/[ ;]stereo=1/);
  expect(stereo).toMatch(/sprop-stereo=1/);
  expect(stereo).toMatch(/maxaveragebitrate=128000/);
  expect(stereo).toMatch(/useinbandfec=1/);
  expect(stereo.match(/[ ;]stereo=/g)).toHaveLength(1);
  const mono = opusLine(withOpus(offer, new Map([[mid, 1]])));
  expect(mono).toMatch(/maxaveragebitrate=64000/);
  expect(mono).not.toMatch(/sprop-stereo/);
  expect(withOpus(offer, new Map())).toBe(offer);
});
