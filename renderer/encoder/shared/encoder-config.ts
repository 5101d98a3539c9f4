import type { VideoCodec } from '../../../protocol/hello.ts';
import { partOf, type Size, STEPS } from './resolution-ladder.ts';

/**
 * WebCodecs codec strings carry a level, and an encoder refuses pictures beyond it (`avc1.42e01f` encodes nothing above
 * 720p): the level is chosen by picture size, rate of pictures and bitrate.
 *
 * Sources: ITU-T H.264 table A-1; VP9 levels at https://www.webmproject.org/vp9/levels/; AV1 specification, annex A.3;
 * ITU-T H.265 tables A.8 and A.9, string by ISO/IEC 14496-15 annex E.3.
 *
 * @packageDocumentation
 */

export interface Stream {
  width: number;
  height: number;
  fps: number;
  bitrateBps: number;
}

interface Level {
  /** As it stands in the codec string. */
  text: string;
  /** The largest picture, in luma samples (H.264: 256 per macroblock). */
  pictureSamples: number;
  samplesPerSecond: number;
  bitrateBps: number;
}

const h264Level = (text: string, macroblocks: number, perSecond: number, kbps: number): Level => ({
  text,
  pictureSamples: macroblocks * 256,
  samplesPerSecond: perSecond * 256,
  bitrateBps: kbps * 1000,
});

const h264Levels: Level[] = [
  h264Level('1e', 1620, 40_500, 10_000),
  h264Level('1f', 3600, 108_000, 14_000),
  h264Level('20', 5120, 216_000, 20_000),
  h264Level('28', 8192, 245_760, 20_000),
  h264Level('2a', 8704, 522_240, 50_000),
  h264Level('32', 22_080, 589_824, 135_000),
  h264Level('33', 36_864, 983_040, 240_000),
  h264Level('34', 36_864, 2_073_600, 240_000),
  h264Level('3c', 139_264, 4_177_920, 240_000),
  h264Level('3e', 139_264, 16_711_680, 800_000),
];

const vp9Levels: Level[] = [
  { text: '30', pictureSamples: 552_960, samplesPerSecond: 20_736_000, bitrateBps: 7_200_000 },
  { text: '31', pictureSamples: 983_040, samplesPerSecond: 36_864_000, bitrateBps: 12_000_000 },
  { text: '40', pictureSamples: 2_228_224, samplesPerSecond: 83_558_400, bitrateBps: 18_000_000 },
  { text: '41', pictureSamples: 2_228_224, samplesPerSecond: 160_432_128, bitrateBps: 30_000_000 },
  { text: '50', pictureSamples: 8_912_896, samplesPerSecond: 311_951_360, bitrateBps: 60_000_000 },
  { text: '51', pictureSamples: 8_912_896, samplesPerSecond: 588_251_136, bitrateBps: 120_000_000 },
  { text: '60', pictureSamples: 35_651_584, samplesPerSecond: 1_176_502_272, bitrateBps: 180_000_000 },
  { text: '62', pictureSamples: 35_651_584, samplesPerSecond: 4_706_009_088, bitrateBps: 480_000_000 },
];

const av1Levels: Level[] = [
  { text: '04', pictureSamples: 665_856, samplesPerSecond: 19_975_680, bitrateBps: 6_000_000 },
  { text: '05', pictureSamples: 1_065_024, samplesPerSecond: 31_950_720, bitrateBps: 10_000_000 },
  { text: '08', pictureSamples: 2_359_296, samplesPerSecond: 70_778_880, bitrateBps: 12_000_000 },
  { text: '09', pictureSamples: 2_359_296, samplesPerSecond: 141_557_760, bitrateBps: 20_000_000 },
  { text: '12', pictureSamples: 8_912_896, samplesPerSecond: 267_386_880, bitrateBps: 30_000_000 },
  { text: '13', pictureSamples: 8_912_896, samplesPerSecond: 534_773_760, bitrateBps: 40_000_000 },
  { text: '16', pictureSamples: 35_651_584, samplesPerSecond: 1_069_547_520, bitrateBps: 60_000_000 },
  { text: '19', pictureSamples: 35_651_584, samplesPerSecond: 4_278_190_080, bitrateBps: 160_000_000 },
];

const h265Levels: Level[] = [
  { text: '90', pictureSamples: 552_960, samplesPerSecond: 16_588_800, bitrateBps: 6_000_000 },
  { text: '93', pictureSamples: 983_040, samplesPerSecond: 33_177_600, bitrateBps: 10_000_000 },
  { text: '120', pictureSamples: 2_228_224, samplesPerSecond: 66_846_720, bitrateBps: 12_000_000 },
  { text: '123', pictureSamples: 2_228_224, samplesPerSecond: 133_693_440, bitrateBps: 20_000_000 },
  { text: '150', pictureSamples: 8_912_896, samplesPerSecond: 267_386_880, bitrateBps: 25_000_000 },
  { text: '153', pictureSamples: 8_912_896, samplesPerSecond: 534_773_760, bitrateBps: 40_000_000 },
  { text: '180', pictureSamples: 35_651_584, samplesPerSecond: 1_069_547_520, bitrateBps: 60_000_000 },
  { text: '186', pictureSamples: 35_651_584, samplesPerSecond: 4_278_190_080, bitrateBps: 240_000_000 },
];

/** The codec string for a stream: the lowest level that holds it, the highest there is for what none holds. */
export function codecString(codec: VideoCodec, stream: Stream): string {
  switch (codec) {
    case 'vp8':
      return 'vp8';
    case 'vp9':
      return `vp09.00.${lowestLevel(vp9Levels, stream)}.08`;
    case 'h264':
      // Constrained baseline: the one profile that every WebRTC endpoint decodes (RFC 7742 section 6.2).
      return `avc1.42e0${lowestLevel(h264Levels, stream)}`;
    case 'av1':
      return `av01.0.${lowestLevel(av1Levels, stream)}M.08`;
    case 'h265':
      // Main profile and tier, progressive frames.
      return `hev1.1.6.L${lowestLevel(h265Levels, stream)}.B0`;
  }
}

function lowestLevel(levels: Level[], { width, height, fps, bitrateBps }: Stream): string {
  // H.264 counts whole macroblocks; for the others the same rounding errs by a fraction of a percent.
  const samples = Math.ceil(width / 16) * 16 * Math.ceil(height / 16) * 16;
  const level =
    levels.find(
      (each) =>
        samples <= each.pictureSamples &&
        samples * fps <= each.samplesPerSecond &&
        bitrateBps <= each.bitrateBps,
    ) ?? levels.at(-1);
  return level?.text ?? '';
}

/** H.264 and H.265 crop in units of two samples in 4:2:0 (ITU-T H.264 section 7.4.2.1.1, CropUnitX; H.265 table 6-1). */
export function hasEvenSizesOnly(codec: VideoCodec): boolean {
  return codec === 'h264' || codec === 'h265';
}

/** OpenH264, and most H.264 hardware, go no further: 36,864 macroblocks, level 5.2. The others encode 8K and more. */
const H264_MOST_MACROBLOCKS = 36_864;

/** Of 8K comes 4K, which decoders know; an eighth for what is larger still. */
const PARTS = [...STEPS, 1 / 8];

/** The size itself, or a part of it that the codec's encoders take. */
export function largestSize(codec: VideoCodec, source: Size): Size {
  if (codec !== 'h264') return source;
  const sizes = PARTS.map((part) => partOf(source, part));
  return sizes.find((size) => macroblocks(size) <= H264_MOST_MACROBLOCKS) ?? source;
}

function macroblocks({ width, height }: Size): number {
  return Math.ceil(width / 16) * Math.ceil(height / 16);
}
