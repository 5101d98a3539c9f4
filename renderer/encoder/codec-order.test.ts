import { expect, test } from 'vitest';
import type { VideoCodec } from '../../protocol/hello.ts';
import { codecNames, preferCodecs } from './codec-order.ts';
import { OFFERS, readOffer } from './fixtures/offers.ts';
import { formatParameters, type MediaSection, parseSdp, rtpEncodings } from './sdp-sections.ts';

const DEFAULT: VideoCodec[] = ['vp9', 'h264', 'vp8', 'av1'];
const CAN_SEND = new Set(['vp8', 'vp9', 'h264', 'av1']);

function prefer(
  name: (typeof OFFERS)[number],
  order: VideoCodec[],
  canSend: ReadonlySet<string> = CAN_SEND,
): MediaSection {
  const section = parseSdp(readOffer(name)).media.find(({ kind }) => kind === 'video') as MediaSection;
  preferCodecs(section, order, canSend);
  return section;
}

/** `H264/42e01f/1` for H.264, the bare name for the others. */
function pictures(section: MediaSection): string[] {
  return [...rtpEncodings(section)]
    .filter(([, { name }]) => /^(VP8|VP9|H264|AV1)$/.test(name))
    .map(([payloadType, { name }]) => {
      const parameters = formatParameters(section, payloadType);
      if (name !== 'H264') return name;
      return `H264/${parameters.get('profile-level-id')}/${parameters.get('packetization-mode') ?? '0'}`;
    });
}

test.each<[(typeof OFFERS)[number], VideoCodec[], string]>([
  ['chromium-156', DEFAULT, 'VP9'],
  ['electron-25', DEFAULT, 'VP9'],
  ['firefox', DEFAULT, 'VP9'],
  ['safari', DEFAULT, 'H264/42e01f/1'],
  ['chromium-156', ['h264'], 'H264/42e01f/1'],
  ['electron-25', ['h264'], 'H264/42e01f/1'],
  ['firefox', ['h264'], 'H264/42e01f/1'],
  ['safari', ['av1', 'vp8'], 'VP8'],
  ['chromium-156', ['av1', 'vp8'], 'AV1'],
  ['firefox', ['av1', 'vp8'], 'VP8'],
])('%s with %j: first is %s', (name, order, first) => {
  expect(pictures(prefer(name, order))[0]).toBe(first);
});

test.each(OFFERS)('%s: what is not in the order is gone, with its retransmission', (name) => {
  const section = prefer(name, ['vp8']);
  expect(pictures(section)).toEqual(['VP8']);
  const types = [...rtpEncodings(section).keys()];
  const vp8 = types[0] ?? '';
  const rtx = [...rtpEncodings(section)].find(
    ([type, { name: encoding }]) => encoding === 'rtx' && formatParameters(section, type).get('apt') === vp8,
  );
  expect(rtx).toBeDefined();
  for (const line of section.lines) {
    const payloadType = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1];
    if (payloadType !== undefined) expect(types).toContain(payloadType);
  }
});

test('VP9 profile 2 and AV1 profile 1 are left out: pictures are 8 bit 4:2:0', () => {
  const section = prefer('chromium-156', ['vp9', 'av1']);
  expect(pictures(section)).toEqual(['VP9', 'AV1']);
});

test('what this browser cannot send is left out', () => {
  expect(pictures(prefer('chromium-156', DEFAULT, new Set(['vp8'])))).toEqual(['VP8']);
});

test('no codec in common is said with all three lists', () => {
  expect(() => prefer('safari', ['vp9', 'av1'])).toThrow(
    expect.objectContaining({
      code: 'no-common-codec',
      message:
        'the offer has the video codecs h264, h265, vp8; asked for were vp9, av1, this engine can send vp8, vp9, h264, av1',
    }),
  );
});

test('capabilities by short name, helpers left out', () => {
  const mimeTypes = ['video/VP8', 'video/rtx', 'video/H264', 'video/H264', 'video/red', 'video/ulpfec'];
  expect([...codecNames(mimeTypes.map((mimeType) => ({ mimeType })))]).toEqual(['vp8', 'h264']);
});
