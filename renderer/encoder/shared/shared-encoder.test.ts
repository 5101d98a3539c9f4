import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { VideoCodec } from '../../../protocol/hello.ts';
import type { Hardware } from '../hardware.ts';
import { type Content, SharedEncoder } from './shared-encoder.ts';
import type { PictureArrival } from './stage-times.ts';

/** The browser's VideoEncoder, driven by hand: notes what it is told and makes a chunk when the test says so. */
class FakeVideoEncoder {
  static made: FakeVideoEncoder[] = [];
  static supports = (_: VideoEncoderConfig) => true;
  static isConfigSupported(config: VideoEncoderConfig) {
    return Promise.resolve({ supported: FakeVideoEncoder.supports(config), config });
  }

  state: CodecState = 'unconfigured';
  configs: VideoEncoderConfig[] = [];
  encoded: string[] = [];

  constructor(readonly init: VideoEncoderInit) {
    FakeVideoEncoder.made.push(this);
  }

  configure(config: VideoEncoderConfig): void {
    this.state = 'configured';
    this.configs.push(config);
  }

  encode(frame: VideoFrame, options: VideoEncoderEncodeOptions): void {
    this.encoded.push(`${frame.timestamp} ${options.keyFrame ? 'key' : 'delta'}`);
  }

  close(): void {
    this.state = 'closed';
  }

  chunk(timestamp: number, type: EncodedVideoChunkType, byteLength = 1000): void {
    const copyTo = () => {};
    this.init.output({ timestamp, type, byteLength, copyTo } as unknown as EncodedVideoChunk, {});
  }
}

/** `new VideoFrame(frame, init)`. */
class FakeCopy {
  constructor(frame: VideoFrame, init: VideoFrameInit) {
    Object.assign(this, frame, init, { close: () => {} });
  }
}

/** Of a new picture. */
const ARRIVAL: PictureArrival = { convertMs: 1, handOverMs: 1, leftPageMs: 0 };

function setUp(
  codec: VideoCodec = 'vp9',
  content: Content = 'motion',
  hardware: Hardware = 'auto',
  isEarly = false,
) {
  const clock = { nowMs: 0 };
  const units: string[] = [];
  const failures: string[] = [];
  const warnings: string[] = [];
  let closed = 0;
  const encoder = new SharedEncoder({
    track: 'main_video',
    codec,
    fps: 30,
    content,
    hardware,
    isEarly,
    limits: { startBps: 4_000_000, minBps: 500_000, maxBps: 10_000_000 },
    nowMs: () => clock.nowMs,
    onUnit: ({ key, timestampUs }) => units.push(`${timestampUs} ${key ? 'key' : 'delta'}`),
    onFailure: (reason) => failures.push(reason),
    onWarning: (message) => warnings.push(message),
  });
  return {
    ...{ encoder, clock, units, failures, warnings },
    closed: () => closed,
    /** A picture comes; resolves when what it set going has been done. */
    picture: async (
      timestamp: number,
      displayWidth = 1280,
      displayHeight = 720,
      arrival?: PictureArrival,
    ) => {
      const close = () => {
        closed += 1;
      };
      const coded = { codedWidth: displayWidth + 1, codedHeight: displayHeight + 1 };
      const frame = { timestamp, displayWidth, displayHeight, ...coded, close } as unknown as VideoFrame;
      encoder.encode(frame, arrival);
      await vi.waitFor(() => Promise.resolve());
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    },
    browser: () => FakeVideoEncoder.made.at(-1) as FakeVideoEncoder,
  };
}

beforeEach(() => {
  FakeVideoEncoder.made = [];
  FakeVideoEncoder.supports = () => true;
  vi.stubGlobal('VideoEncoder', FakeVideoEncoder);
  vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('shared encoder', () => {
  test('begins with a key frame at a part of the rate, and goes on with all of it', async () => {
    const { picture, browser, units } = setUp();
    await picture(1);
    expect(browser().encoded).toEqual(['1 key']);
    expect(browser().configs.map(({ bitrate }) => bitrate)).toEqual([1_200_000]);
    browser().chunk(1, 'key');
    expect(browser().configs.map(({ bitrate }) => bitrate)).toEqual([1_200_000, 4_000_000]);
    await picture(2);
    expect(browser().encoded).toEqual(['1 key', '2 delta']);
    expect(units).toEqual(['1 key']);
  });

  test('begun before its first viewer it gets more for a moment, once that one is there and its link has room', async () => {
    const { encoder, clock, picture, browser } = setUp('vp9', 'motion', 'auto', true);
    const rate = () => browser().configs.at(-1)?.bitrate;
    await picture(1);
    browser().chunk(1, 'key');
    encoder.setAllowed(4_500_000);
    expect(rate()).toBe(4_500_000);
    encoder.firstViewer();
    clock.nowMs = 100;
    encoder.setAllowed(4_500_000);
    expect(rate()).toBe(10_000_000);
    clock.nowMs = 1000;
    encoder.setAllowed(4_500_000);
    expect(rate()).toBe(4_500_000);
  });

  test('meanwhile each picture is encoded once more, unless another waits', async () => {
    vi.stubGlobal('VideoFrame', FakeCopy);
    const { encoder, clock, picture, browser } = setUp('vp9', 'motion', 'auto', true);
    const come = (timestamp: number) => picture(timestamp, 1280, 720, ARRIVAL);
    await come(1);
    browser().chunk(1, 'key');
    encoder.firstViewer();
    encoder.setAllowed(4_500_000);
    await come(33_000);
    browser().chunk(33_000, 'delta');
    expect(browser().encoded).toEqual(['1 key', '33000 delta', '49667 delta']);
    browser().chunk(49_667, 'delta');
    expect(browser().encoded).toHaveLength(3);
    // One that comes soon after is later all the same.
    await come(40_000);
    expect(browser().encoded.at(-1)).toBe('49668 delta');
    await come(99_000);
    browser().chunk(49_668, 'delta');
    expect(browser().encoded.at(-1)).toBe('99000 delta');
    clock.nowMs = 1000;
    browser().chunk(99_000, 'delta');
    expect(browser().encoded.at(-1)).toBe('99000 delta');
  });

  test('of the pictures that come while it is busy the newest is next, the others are counted', async () => {
    const { encoder, picture, browser, closed } = setUp();
    for (const timestamp of [1, 2, 3]) await picture(timestamp, 1280, 720, ARRIVAL);
    browser().chunk(1, 'key');
    expect(browser().encoded).toEqual(['1 key', '3 delta']);
    expect(encoder.counts).toEqual({ offered: 3, skipped: 1 });
    // Each picture is closed once, whatever became of it.
    expect(closed()).toBe(3);
  });

  test('repeats that it has no time for say nothing of how it keeps up', async () => {
    const { encoder, picture } = setUp();
    await picture(1, 1280, 720, ARRIVAL);
    for (const timestamp of [2, 3, 4]) await picture(timestamp);
    expect(encoder.counts).toEqual({ offered: 1, skipped: 0 });
    expect(encoder.stats(1, 1).skipped).toBe(2);
  });

  test('a picture that the encoder swallowed is not waited for; a key frame is owed again', async () => {
    const { encoder, clock, picture, browser } = setUp();
    await picture(1);
    clock.nowMs = 2000;
    await picture(2);
    expect(browser().encoded).toEqual(['1 key', '2 key']);
    expect(encoder.stats(1, 1)).toMatchObject({ dropped: 1, encoded: 0 });
  });

  test('another size is configured anew and begins with a key frame', async () => {
    const { picture, browser } = setUp();
    await picture(1);
    browser().chunk(1, 'key');
    await picture(2, 640, 360);
    expect(browser().encoded).toEqual(['1 key', '2 key']);
    expect(browser().configs.at(-1)).toMatchObject({ width: 640, height: 360 });
  });

  test('a rate that falls is followed at once, and makes the picture smaller where it has to', async () => {
    const { encoder, picture, browser } = setUp();
    await picture(1);
    browser().chunk(1, 'key');
    encoder.setAllowed(600_000);
    expect(browser().configs.at(-1)?.bitrate).toBe(600_000);
    await picture(2);
    // Its first picture is a key frame, and gets a part of the rate.
    expect(browser().configs.at(-1)).toMatchObject({ width: 960, height: 540, bitrate: 180_000 });
    browser().chunk(2, 'key');
    expect(browser().configs.at(-1)).toMatchObject({ width: 960, height: 540, bitrate: 600_000 });
  });

  test('detail keeps its size at such a rate and has fewer pictures; who needs a key frame does not wait for one', async () => {
    const { encoder, picture, browser } = setUp('vp9', 'detail');
    encoder.setAllowed(600_000);
    const chunk = (us: number, type: EncodedVideoChunkType) => browser().chunk(us, type);
    for (const us of [0, 33_000, 66_000, 100_000, 133_000]) {
      await picture(us);
      chunk(us, us === 0 ? 'key' : 'delta');
    }
    expect(browser().encoded).toEqual(['0 key', '66000 delta', '133000 delta']);
    expect(browser().configs.at(-1)).toMatchObject({ width: 1280, height: 720, framerate: 15 });
    encoder.oweKeyFrame();
    await picture(140_000);
    expect(browser().encoded.at(-1)).toBe('140000 key');
  });

  test('even detail becomes smaller where five pictures a second are too many', async () => {
    const { encoder, picture, browser } = setUp('vp9', 'detail');
    encoder.setAllowed(100_000);
    await picture(0);
    expect(browser().configs[0]).toMatchObject({ width: 960, height: 540, framerate: 5 });
  });

  test('H.264 has even sizes, with the padding of the odd ones, and bytes as RTP wants them', async () => {
    const { picture, browser } = setUp('h264');
    const padded: VideoFrameInit[] = [];
    vi.stubGlobal(
      'VideoFrame',
      class {
        readonly timestamp: number;
        constructor(_: unknown, init: VideoFrameInit) {
          padded.push(init);
          this.timestamp = init.timestamp ?? -1;
        }
        close(): void {}
      },
    );
    await picture(1, 641, 361);
    expect(browser().configs[0]).toMatchObject({ width: 642, height: 362, avc: { format: 'annexb' } });
    expect(padded).toEqual([{ visibleRect: { x: 0, y: 0, width: 642, height: 362 }, timestamp: 1 }]);
    expect(browser().encoded).toEqual(['1 key']);
  });

  test('H.264 is made smaller where its encoders end, which is told once a size', async () => {
    const { picture, browser, warnings, failures } = setUp('h264');
    await picture(1, 7680, 4320);
    browser().chunk(1, 'key');
    await picture(2, 7680, 4320);
    expect(warnings).toEqual(['main_video: h264 is encoded at 3840x2160, it has no 7680x4320']);
    expect(failures).toEqual([]);
  });

  test('where every picture has another size, and asking takes longer than a picture, some are encoded', async () => {
    const asked: (() => void)[] = [];
    vi.spyOn(FakeVideoEncoder, 'isConfigSupported').mockImplementation(
      (config) => new Promise((resolve) => asked.push(() => resolve({ supported: true, config }))),
    );
    const { picture, browser } = setUp();
    for (let us = 0; us < 10; us += 1) {
      await picture(us, 400 + 2 * us, 300);
      // The answer to the last one's question.
      if (us % 2 === 1) asked.shift()?.();
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      for (const encoded of FakeVideoEncoder.made.at(-1)?.encoded.slice(-1) ?? [])
        browser().chunk(Number.parseInt(encoded, 10), 'key');
    }
    expect(browser().encoded.length).toBeGreaterThanOrEqual(4);
  });

  test('a first picture that takes seconds is waited for, ever longer, and no queue builds up', async () => {
    const { encoder, clock, picture, browser } = setUp();
    await picture(0);
    for (clock.nowMs = 0; clock.nowMs < 10_000; clock.nowMs += 100) await picture(clock.nowMs * 1000 + 1);
    encoder.tick();
    // After 1, 1.5, 2.25 and 3.4 s.
    expect(browser().encoded.length).toBe(5);
  });

  test('hardware first, then software', async () => {
    FakeVideoEncoder.supports = ({ hardwareAcceleration }) => hardwareAcceleration !== 'prefer-hardware';
    const { encoder, picture, browser } = setUp();
    // Answers of isConfigSupported are kept by codec and size: this one is asked here alone.
    await picture(1, 322, 240);
    expect(browser().configs[0]?.hardwareAcceleration).toBe('prefer-software');
    expect(encoder.stats(1, 1)).toMatchObject({
      implementation: 'software',
      encoder_name: 'libvpx',
      hardware_reason: 'this engine has no hardware encoder for vp9 at 322x240',
    });
  });

  test('what no encoder takes is told with codec and size, once', async () => {
    FakeVideoEncoder.supports = () => false;
    const { picture, failures } = setUp('h264');
    await picture(1, 8, 8);
    await picture(2, 8, 8);
    expect(failures).toEqual(['avc1.42e01e at 8x8: not supported']);
  });

  test('hardware off: it is not even asked for', async () => {
    const { encoder, picture, browser } = setUp('vp9', 'motion', 'off');
    await picture(1);
    expect(browser().configs.map(({ hardwareAcceleration }) => hardwareAcceleration)).toEqual([
      'prefer-software',
    ]);
    expect(encoder.stats(1, 1)).toMatchObject({
      implementation: 'software',
      hardware_reason: 'forbidden by --hardware off',
    });
  });

  test('hardware that breaks is followed by software, from a key frame on', async () => {
    const { encoder, picture, browser, failures } = setUp();
    await picture(1);
    expect(browser().configs[0]?.hardwareAcceleration).toBe('prefer-hardware');
    browser().init.error(new DOMException('the device was lost', 'EncodingError'));
    await picture(2);
    expect(FakeVideoEncoder.made.length).toBe(2);
    expect(browser().configs[0]?.hardwareAcceleration).toBe('prefer-software');
    expect(browser().encoded).toEqual(['2 key']);
    expect(encoder.stats(1, 1).hardware_reason).toBe(
      'the hardware encoder failed: EncodingError: the device was lost',
    );
    expect(failures).toEqual([]);
  });

  test('an encoder that breaks is told in its own words', async () => {
    const { picture, browser, failures } = setUp('vp9', 'motion', 'off');
    await picture(1);
    browser().init.error(new DOMException('the device was lost', 'EncodingError'));
    expect(failures).toEqual(['EncodingError: the device was lost']);
  });
});
