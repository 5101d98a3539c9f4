import { expect, test } from 'vitest';
import { OFFERS, readOffer } from './fixtures/offers.ts';
import { iceOf, withIceRestart } from './sdp-ice.ts';
import { attributes, parseSdp } from './sdp-sections.ts';

const RESTART = {
  ice_ufrag: 'NEWU',
  ice_pwd: 'new-password-of-22-chars',
  candidates: [{ mid: '0', candidate: 'candidate:1 1 udp 2122260223 192.0.2.9 50000 typ host' }],
};

test.each(OFFERS)(
  '%s: an ICE restart changes credentials, candidates and version, and nothing else',
  (name) => {
    const before = parseSdp(readOffer(name));
    const after = parseSdp(withIceRestart(readOffer(name), RESTART));
    for (const { lines, kind, mid } of after.media) {
      for (const value of attributes(lines, 'ice-ufrag')) expect(value).toBe('NEWU');
      for (const value of attributes(lines, 'ice-pwd')) expect(value).toBe('new-password-of-22-chars');
      expect(attributes(lines, 'candidate'), kind).toEqual(
        mid === '0' ? ['1 1 udp 2122260223 192.0.2.9 50000 typ host'] : [],
      );
    }
    const version = ({ session }: typeof before) => BigInt(session[1]?.split(' ')[2] ?? '');
    expect(version(after)).toBe(version(before) + 1n);
    const rest = ({ media }: typeof before) =>
      media.map(({ lines }) => lines.filter((line) => !/^a=(ice-|candidate|end-of)/.test(line)));
    expect(rest(after)).toEqual(rest(before));
  },
);

test('a second restart replaces the first', () => {
  const once = withIceRestart(readOffer('chromium-156'), RESTART);
  const twice = withIceRestart(once, { ...RESTART, ice_ufrag: 'SECO', candidates: [] });
  expect(iceOf(twice)).toEqual({ ice_ufrag: 'SECO', ice_pwd: RESTART.ice_pwd, candidates: [] });
});

test('our own half is read from the first section in use', () => {
  const ice = iceOf(readOffer('chromium-156'));
  expect(ice?.ice_ufrag).toBe('31dg');
  expect(ice?.candidates[0]).toEqual({
    mid: '0',
    candidate:
      'candidate:1801040642 1 udp 2122194687 127.0.0.1 43039 typ host generation 0 network-id 3 network-cost 50',
  });
  expect(iceOf('v=0\r\n')).toBeUndefined();
});
