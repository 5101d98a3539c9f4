import { expect, test } from 'vitest';
import { OFFERS, readOffer } from './fixtures/offers.ts';
import { parseOffer } from './offer-check.ts';

test.each(OFFERS)('%s is taken', (name) => {
  expect(parseOffer(readOffer(name)).media.length).toBeGreaterThan(1);
});

const offer =
  'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\na=ice-pwd:x\r\na=fingerprint:sha-256 00\r\n';
test.each([
  ['nonsense', 'does not begin with v=0'],
  ['v=0\r\ns=-\r\n', 'has no m-line'],
  [offer.replace(/a=ice-ufrag.*\r\n/, ''), 'has no a=ice-ufrag for m-line 0 (video)'],
  [offer.replace(/a=ice-pwd.*\r\n/, ''), 'has no a=ice-pwd for m-line 0 (video)'],
  [offer.replace(/a=fingerprint.*\r\n/, ''), 'has no a=fingerprint for m-line 0 (video)'],
])('%j: %s', (text, message) => {
  expect(() => parseOffer(text)).toThrow(
    expect.objectContaining({ code: 'malformed-offer', message: `the offer ${message}` }),
  );
});

test('credentials may stand in the session part, and bundled sections need none', () => {
  const [head = '', ...rest] = offer.split('\r\nm=');
  const ice = 'a=ice-ufrag:abcd\r\na=ice-pwd:x\r\na=fingerprint:sha-256 00';
  expect(() => parseOffer(`${head}\r\n${ice}\r\nm=video 9 RTP/SAVPF 96\r\n`)).not.toThrow();
  expect(() =>
    parseOffer(`v=0\r\na=group:BUNDLE 0 1\r\nm=${rest[0]}a=mid:0\r\nm=audio 9 RTP/SAVPF 111\r\na=mid:1\r\n`),
  ).not.toThrow();
});
