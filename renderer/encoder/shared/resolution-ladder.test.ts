import { describe, expect, test } from 'vitest';
import type { VideoCodec } from '../../../protocol/hello.ts';
import { ResolutionLadder, type Size } from './resolution-ladder.ts';

const hd = { width: 1280, height: 720 };
const fullHd = { width: 1920, height: 1080 };

describe('resolution ladder', () => {
  test.each<[VideoCodec, Size, number, number, string]>([
    ['h264', hd, 30, 4_000_000, '1280x720'],
    ['h264', hd, 30, 1_100_000, '960x540'],
    ['h264', hd, 30, 500_000, '640x360'],
    ['h264', hd, 30, 200_000, '480x270'],
    ['h264', hd, 30, 50_000, '320x180'],
    ['vp9', hd, 30, 1_000_000, '1280x720'],
    ['vp9', hd, 30, 500_000, '960x540'],
    ['av1', hd, 30, 700_000, '1280x720'],
    ['h264', hd, 60, 1_500_000, '960x540'],
    ['h264', fullHd, 30, 1_500_000, '1440x810'],
    ['h264', { width: 321, height: 161 }, 30, 1000, '240x120'],
    ['h264', { width: 160, height: 90 }, 30, 1000, '160x90'],
    ['vp8', { width: 5, height: 3 }, 30, 1, '5x3'],
  ])('%s %o at %i fps and %i bps is %s', (codec, source, fps, rateBps, expected) => {
    const { width, height } = new ResolutionLadder(codec).update(source, fps, rateBps, 0);
    expect(`${width}x${height}`).toBe(expected);
  });

  test('no more samples than there is time for, whatever the rate', () => {
    const ladder = new ResolutionLadder('vp9');
    const heightAt = (nowMs: number, sizeScale: number) =>
      ladder.update(fullHd, 30, 10_000_000, nowMs, sizeScale).height;
    expect(heightAt(0, 1)).toBe(1080);
    expect(heightAt(100, 0.6)).toBe(810);
    expect(heightAt(200, 0.3)).toBe(540);
    expect(heightAt(300, 0.6)).toBe(540);
    expect(heightAt(1800, 0.6)).toBe(810);
    expect(heightAt(1900, 1)).toBe(810);
    expect(heightAt(3400, 1)).toBe(1080);
  });

  test('down at once, up a step at a time after a while with room, not on a moment of it', () => {
    const ladder = new ResolutionLadder('h264');
    const heightAt = (nowMs: number, rateBps: number) => ladder.update(hd, 30, rateBps, nowMs).height;
    expect(heightAt(0, 4_000_000)).toBe(720);
    expect(heightAt(100, 400_000)).toBe(360);
    expect(heightAt(1000, 2_500_000)).toBe(360);
    expect(heightAt(2000, 400_000)).toBe(360);
    expect(heightAt(3000, 2_500_000)).toBe(360);
    expect(heightAt(4500, 2_500_000)).toBe(540);
    expect(heightAt(5900, 2_500_000)).toBe(540);
    expect(heightAt(6000, 2_500_000)).toBe(720);
  });

  test('all the way up at once where there is plenty', () => {
    const ladder = new ResolutionLadder('h264');
    expect(ladder.update(hd, 30, 400_000, 0).height).toBe(360);
    expect(ladder.update(hd, 30, 4_000_000, 100).height).toBe(360);
    expect(ladder.update(hd, 30, 4_000_000, 1600).height).toBe(720);
  });

  test('a small picture is not made smaller for want of time, only for want of bits', () => {
    const ladder = new ResolutionLadder('vp9');
    const small = { width: 320, height: 240 };
    expect(ladder.update(small, 30, 1_000_000, 0, 0.1)).toEqual(small);
    expect(ladder.update(small, 30, 20_000, 100, 0.1).height).toBeLessThan(240);
  });

  test('a rate at the threshold does not flutter', () => {
    const ladder = new ResolutionLadder('h264');
    const heights = new Set<number>();
    for (let at = 0; at < 200; at += 1) {
      heights.add(ladder.update(hd, 30, at % 2 === 0 ? 1_090_000 : 1_120_000, at * 500).height);
    }
    expect([...heights]).toEqual([540]);
  });
});
