import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('has defaults for all but the engines, which depend on the machine', () => {
    expect(parseOptions([])).toMatchObject({
      codecs: ['vp9', 'h264', 'vp8', 'av1'],
      sizes: [
        { name: '720p30', width: 1280, height: 720, fps: 30 },
        { name: '1080p30', width: 1920, height: 1080, fps: 30 },
      ],
      peers: [],
      scenario: 'one',
      encoders: ['auto'],
      viewers: [1],
      tracks: 1,
      seconds: 20,
      warmupSeconds: 3,
    });
  });

  it('takes lists, codecs in either case, and no engine at all', () => {
    const options = parseOptions([
      '--engine',
      'none',
      '--codec',
      'VP9,av1',
      '--peer=aiortc',
      '--size',
      '720p60',
    ]);
    expect(options).toMatchObject({ engines: [], codecs: ['vp9', 'av1'], peers: ['aiortc'] });
    expect(options?.sizes[0]?.fps).toBe(60);
  });

  it('knows what a scenario usually is', () => {
    expect(parseOptions(['--scenario', 'viewers'])).toMatchObject({ viewers: [1, 4, 16, 40], seconds: 15 });
    expect(parseOptions(['--scenario', 'soak', '--viewers', '3'])).toMatchObject({
      viewers: [3],
      seconds: 300,
    });
  });

  it('returns null for help', () => {
    expect(parseOptions(['--help'])).toBeNull();
  });

  it.each([
    [['--engine', 'firefox'], '--engine: got firefox, expected some of electron, chromium'],
    [['--codec', 'h263'], '--codec: got h263, expected some of vp9, h264, vp8, av1'],
    [['--peer', 'obs'], '--peer: got obs'],
    [['--size', '721p30'], '--size: got 721p30'],
    [['--scenario', 'storm'], '--scenario: got storm, expected some of one, viewers, soak'],
    [['--encoder', 'fast'], '--encoder: got fast'],
    [['--viewers', '0'], '--viewers: got 0, expected a whole number from 1 to 500'],
    [['--tracks', '3'], '--tracks: got 3'],
    [['--seconds', 'long'], '--seconds: got long'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ])('%j is refused: %s', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
