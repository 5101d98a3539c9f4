import { expect, test } from 'vitest';
import { OFFERS, readOffer } from './fixtures/offers.ts';
import { withBitrates } from './sdp-bitrate.ts';
import { formatParameters, parseSdp, rtpEncodings } from './sdp-sections.ts';

const RATES = { startBps: 4_000_000, minBps: 500_000, maxBps: 10_000_000 };
const PICTURES = ['VP8', 'VP9', 'H264', 'AV1', 'H265'];

test.each(OFFERS)('%s: every picture encoding gets the three rates in kbps, nothing else changes', (name) => {
  const before = parseSdp(readOffer(name));
  const after = parseSdp(withBitrates(readOffer(name), RATES));
  for (const [index, section] of after.media.entries()) {
    for (const [payloadType, encoding] of rtpEncodings(section)) {
      const parameters = formatParameters(section, payloadType);
      const rates = ['start', 'min', 'max'].map((which) => parameters.get(`x-google-${which}-bitrate`));
      const isPicture = section.kind === 'video' && PICTURES.includes(encoding.name);
      expect(rates).toEqual(isPicture ? ['4000', '100', '10000'] : [undefined, undefined, undefined]);
      // What was there stays: profile-level-id, apt and the like.
      const old = before.media[index];
      if (!old) throw new Error('a section more');
      for (const [key, value] of formatParameters(old, payloadType)) expect(parameters.get(key)).toBe(value);
    }
  }
  const others = (text: string[]) => text.filter((line) => !line.startsWith('a=fmtp:'));
  expect(after.media.map(({ lines }) => others(lines))).toEqual(
    before.media.map(({ lines }) => others(lines)),
  );
});
