import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encoderName, isHardwareName, whyNativeSoftware } from './hardware.ts';

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const LINUX = 'Mozilla/5.0 (X11; Linux x86_64)';

test('the shared encoder by name', () => {
  expect((['vp9', 'h264', 'av1'] as const).map((codec) => encoderName(codec, false, LINUX))).toEqual([
    ...['libvpx', 'OpenH264', 'libaom'],
  ]);
  expect([WINDOWS, MAC, LINUX].map((agent) => encoderName('h264', true, agent))).toEqual([
    ...['MediaFoundation', 'VideoToolbox', 'VA-API'],
  ]);
});

test.each([
  [null, null, null],
  ['libvpx', null, false],
  ['SimulcastEncoderAdapter (libvpx)', null, false],
  ['OpenH264', false, false],
  ['ExternalEncoder (VaapiVideoEncodeAccelerator)', null, true],
  ['VideoToolbox', true, true],
])('%s, power efficient: %s -> hardware: %s', (name, isPowerEfficient, expected) => {
  expect(isHardwareName(name, isPowerEfficient)).toBe(expected);
});

describe('why software', () => {
  let supported = true;
  beforeEach(() => {
    const isConfigSupported = (config: VideoEncoderConfig) => Promise.resolve({ supported, config });
    vi.stubGlobal('VideoEncoder', { isConfigSupported });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test.each([
    ['off', true, 'h264', 1920, 1080, 'forbidden by --hardware off'],
    ['auto', false, 'vp9', 1280, 720, 'this engine has no hardware encoder for vp9 at 1280x720'],
    ['auto', true, 'h264', 480, 270, 'Chromium leaves pictures of fewer than 360 lines to software'],
    ['auto', true, 'av1', 482, 270, 'Chromium chose software, though it has hardware for this'],
  ] as const)('%s, supported: %s, %s at %dx%d', async (hardware, isThere, codec, width, height, expected) => {
    supported = isThere;
    expect(await whyNativeSoftware(hardware, codec, { width, height }, 0)).toBe(expected);
  });
});
