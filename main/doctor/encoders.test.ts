import { expect, test } from 'vitest';
import type { CodecSupport } from '../../protocol/encoder-support.ts';
import type { VideoCodec } from '../../protocol/hello.ts';
import { checkCodecs, checkHardware } from './encoders.ts';
import type { Gpu } from './machine.ts';

const can = (codec: VideoCodec, what: Partial<CodecSupport> = {}): CodecSupport => ({
  ...{ codec, rtp: true, software: true, hardware: false },
  ...what,
});
const gpu = (vendor: Gpu['vendor']): Gpu => ({ vendor, renderNode: '/dev/dri/renderD128', isUsable: true });

test.each<[string, CodecSupport[], string, RegExp]>([
  [
    'all but H.265',
    [can('vp9'), can('h264'), can('h265', { software: false })],
    'ok',
    /^vp9, h264; not h265$/,
  ],
  [
    'no H.264',
    [can('vp9'), can('h265', { software: false, hardware: true })],
    'warn',
    /^vp9, h265; not h264$/,
  ],
  // It encodes, and could not be agreed on with any viewer.
  ['none that WebRTC knows', [can('vp9', { rtp: false })], 'fail', /none of vp9, h264, h265/],
])('codecs: %s', (_, support, status, message) => {
  expect(checkCodecs(['vp9', 'h264', 'h265'], support)).toMatchObject({
    status,
    message: expect.stringMatching(message),
  });
});

test.each<[string, CodecSupport[], Gpu[], NodeJS.Platform, string, RegExp]>([
  ['some', [can('vp9'), can('h264', { hardware: true })], [gpu('Intel')], 'linux', 'ok', /^h264$/],
  ['no GPU', [can('vp9')], [], 'linux', 'ok', /no GPU/],
  ['NVIDIA alone, on Linux', [can('vp9')], [gpu('NVIDIA')], 'linux', 'ok', /NVIDIA/],
  ['a GPU without its driver', [can('vp9')], [gpu('NVIDIA'), gpu('AMD')], 'linux', 'warn', /has none/],
  ['Windows without a driver', [can('vp9')], [], 'win32', 'warn', /has none/],
])('hardware encode: %s', (_, support, gpus, platform, status, message) => {
  expect(checkHardware('auto', support, gpus, platform)).toMatchObject({
    status,
    message: expect.stringMatching(message),
  });
});

test('forbidden hardware is no fault', () => {
  expect(checkHardware('off', [can('vp9')], [gpu('Intel')], 'linux')).toMatchObject({ status: 'ok' });
});
