import { describe, expect, test } from 'vitest';
import type { VideoCodec } from '../../protocol/hello.ts';
import type { CodecFormat } from './codec-format.ts';
import { preferCodecs, putFirst, sendableFormats } from './codec-order.ts';
import { OFFERS, readOffer } from './fixtures/offers.ts';
import { formatParameters, type MediaSection, parseSdp, rtpEncodings } from './sdp-sections.ts';

const DEFAULT: VideoCodec[] = ['vp9', 'h264', 'vp8', 'av1'];
/** What RTCRtpSender.getCapabilities says in Chromium 156. */
const CAN_SEND = sendableFormats([
  { mimeType: 'video/VP8' },
  { mimeType: 'video/rtx' },
  { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=0' },
  { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=2' },
  ...['42001f', '42e01f', '4d001f'].flatMap((profile) =>
    [1, 0].map((mode) => ({
      mimeType: 'video/H264',
      sdpFmtpLine: `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`,
    })),
  ),
  { mimeType: 'video/AV1', sdpFmtpLine: 'level-idx=5;profile=0;tier=0' },
]);
const HEVC = sendableFormats([
  { mimeType: 'video/H265', sdpFmtpLine: 'level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST' },
]);

function prefer(
  name: (typeof OFFERS)[number],
  order: VideoCodec[],
  canSend: readonly CodecFormat[] = CAN_SEND,
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
  expect(pictures(prefer('chromium-156', DEFAULT, sendableFormats([{ mimeType: 'video/VP8' }])))).toEqual([
    'VP8',
  ]);
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

test('helpers are no pictures', () => {
  const mimeTypes = ['video/VP8', 'video/rtx', 'video/red', 'video/ulpfec', 'video/flexfec-03'];
  expect(sendableFormats(mimeTypes.map((mimeType) => ({ mimeType }))).map(({ codec }) => codec)).toEqual([
    'vp8',
  ]);
});

/** A video section that offers these, each with its format parameters. */
function offering(...formats: [string, string][]): MediaSection {
  const types = formats.map((_, at) => 96 + at);
  return {
    ...{ kind: 'video', mid: '0', direction: 'recvonly', rejected: false },
    lines: [
      `m=video 9 UDP/TLS/RTP/SAVPF ${types.join(' ')}`,
      ...formats.flatMap(([name, parameters], at) => [
        `a=rtpmap:${types[at]} ${name}/90000`,
        ...(parameters === '' ? [] : [`a=fmtp:${types[at]} ${parameters}`]),
      ]),
    ],
  };
}

describe('what a viewer offers decides the format', () => {
  const h264 = (profile: string, mode: number): [string, string] => [
    'H264',
    `packetization-mode=${mode};profile-level-id=${profile}`,
  ];
  test.each<[string, [string, string][], string[]]>([
    ['packetization mode 0 behind mode 1', [h264('42e01f', 0), h264('42e01f', 1)], ['42e01f/1', '42e01f/0']],
    ['mode 0 where there is no other', [h264('42e01f', 0)], ['42e01f/0']],
    ['constrained baseline in another spelling', [h264('42f00b', 1)], ['42f00b/1']],
    ['main with constraint 0 is constrained baseline too', [h264('4d8028', 1)], ['4d8028/1']],
    ['nothing said: baseline in mode 0', [['H264', '']], ['/']],
    ['what the engine cannot send is left out', [h264('f4001f', 1), h264('42e01f', 1)], ['42e01f/1']],
  ])('H.264, %s', (_name, formats, expected) => {
    const section = offering(...formats);
    preferCodecs(section, ['h264'], CAN_SEND);
    expect(
      [...rtpEncodings(section).keys()].map((type) => {
        const parameters = formatParameters(section, type);
        return `${parameters.get('profile-level-id') ?? ''}/${parameters.get('packetization-mode') ?? ''}`;
      }),
    ).toEqual(expected);
  });

  test.each<[string, VideoCodec, [string, string]]>([
    ['H.264 in a profile that nobody here encodes', 'h264', h264('f4001f', 1)],
    ['VP9 in 10 bit', 'vp9', ['VP9', 'profile-id=2']],
    ['AV1 in 4:4:4', 'av1', ['AV1', 'profile=1;level-idx=5;tier=0']],
    ['AV1 in high tier', 'av1', ['AV1', 'profile=0;level-idx=5;tier=1']],
    ['H.265, which this engine does not encode', 'h265', ['H265', '']],
  ])('%s alone is no codec in common', (_name, codec, format) => {
    expect(() => preferCodecs(offering(format), [codec], CAN_SEND)).toThrow(
      expect.objectContaining({ code: 'no-common-codec' }),
    );
  });

  test.each([
    ['', true],
    ['profile-id=1;tier-flag=0;level-id=120;tx-mode=SRST', true],
    ['profile-id=2;tier-flag=0;level-id=93', false],
    ['profile-id=1;tier-flag=1;level-id=93', false],
    ['tx-mode=MRST', false],
  ])('H.265 where the engine encodes it, offered as "%s": %s', (parameters, isTaken) => {
    const ask = () =>
      preferCodecs(offering(['H265', parameters], ['VP8', '']), ['h265', 'vp8'], [...CAN_SEND, ...HEVC]);
    expect(ask()).toBe(isTaken ? 'h265' : 'vp8');
  });
});

test('a codec that was agreed on is put first, with its format, and all others stay', () => {
  const section = prefer('chromium-156', DEFAULT);
  const before = pictures(section);
  const lines = section.lines.slice(1);
  const format = putFirst(section, 'h264');
  expect(format?.codec).toBe('h264');
  expect(format?.parameters.get('packetization-mode')).toBe('1');
  const after = pictures(section);
  expect(after[0]).toBe(before.find((each) => each.startsWith('H264')));
  expect([...after].sort()).toEqual([...before].sort());
  expect([...section.lines.slice(1)].sort()).toEqual([...lines].sort());
});

test('a codec that was not agreed on changes nothing', () => {
  const section = prefer('chromium-156', ['vp9']);
  const before = [...section.lines];
  expect(putFirst(section, 'h264')).toBeUndefined();
  expect(section.lines).toEqual(before);
});
