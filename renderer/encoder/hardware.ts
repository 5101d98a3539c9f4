import type { VideoCodec } from '../../protocol/hello.ts';
import { codecString } from './shared/encoder-config.ts';
import { isSupported } from './shared/encoder-support.ts';

/** `auto` asks for a hardware encoder first, where Chromium has one; `off` forbids it. */
export type Hardware = 'auto' | 'off';

export const FORBIDDEN = 'forbidden by --hardware off';

/** Chromium's own RTP encoders leave smaller pictures to software (rtc_video_encoder_factory.cc; ENGINE-NOTES). */
const LEAST_HARDWARE_LINES = 360;
const LEAST_HARDWARE_LINES_AV1 = 270;

/** Libraries that Chromium encodes with in software, by codec; there is none for H.265. */
const SOFTWARE: Record<VideoCodec, string> = {
  vp8: 'libvpx',
  vp9: 'libvpx',
  h264: 'OpenH264',
  av1: 'libaom',
  h265: 'none',
};

/** WebCodecs does not name its encoder, but Chromium has one for each codec, and one interface to hardware a system. */
export function encoderName(codec: VideoCodec, isHardware: boolean, userAgent: string): string {
  if (!isHardware) return SOFTWARE[codec];
  if (/Windows/.test(userAgent)) return 'MediaFoundation';
  if (/Mac OS/.test(userAgent)) return 'VideoToolbox';
  return 'VA-API';
}

/**
 * Does a name of RTCOutboundRtpStreamStats stand for hardware? null while there is none.
 *
 * @param isPowerEfficient `powerEfficientEncoder`, which Chromium 114 has too
 */
export function isHardwareName(name: string | null, isPowerEfficient: boolean | null): boolean | null {
  if (name === null) return null;
  // Such as `SimulcastEncoderAdapter (libvpx)` or `ExternalEncoder (VaapiVideoEncodeAccelerator)`.
  return isPowerEfficient ?? !/libvpx|libaom|openh264/i.test(name);
}

export function noHardwareFor(codec: VideoCodec, width: number, height: number): string {
  return `this engine has no hardware encoder for ${codec} at ${width}x${height}`;
}

/** Why Chromium's own encoder of a viewer is not a hardware one, though it may be. */
export async function whyNativeSoftware(
  hardware: Hardware,
  codec: VideoCodec,
  { width, height }: { width: number; height: number },
  nowMs: number,
): Promise<string> {
  if (hardware === 'off') return FORBIDDEN;
  const stream = { width, height, fps: 30, bitrateBps: 1_000_000 };
  const config: VideoEncoderConfig = {
    codec: codecString(codec, stream),
    ...{ width, height, hardwareAcceleration: 'prefer-hardware' },
  };
  if (!(await isSupported(config, nowMs).catch(() => false))) return noHardwareFor(codec, width, height);
  const lines = codec === 'av1' ? LEAST_HARDWARE_LINES_AV1 : LEAST_HARDWARE_LINES;
  if (height < lines) return `Chromium leaves pictures of fewer than ${lines} lines to software`;
  return 'Chromium chose software, though it has hardware for this';
}
