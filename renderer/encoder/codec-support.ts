import type { CodecSupport } from '../../protocol/encoder-support.ts';
import { type VideoCodec, videoCodec } from '../../protocol/hello.ts';
import { codecString } from './shared/encoder-config.ts';
import { isSupported } from './shared/encoder-support.ts';

const STREAM = { width: 1280, height: 720, fps: 30, bitrateBps: 4_000_000 };

/** Asks this engine about every codec that the host knows. */
export function codecSupport(nowMs: number): Promise<CodecSupport[]> {
  const rtp = new Set(
    (RTCRtpSender.getCapabilities('video')?.codecs ?? []).map(({ mimeType }) => mimeType.toLowerCase()),
  );
  return Promise.all(
    videoCodec.options.map(async (codec) => ({
      codec,
      rtp: rtp.has(`video/${codec}`),
      software: await canEncode(codec, 'prefer-software', nowMs),
      hardware: await canEncode(codec, 'prefer-hardware', nowMs),
    })),
  );
}

function canEncode(
  codec: VideoCodec,
  hardwareAcceleration: 'prefer-software' | 'prefer-hardware',
  nowMs: number,
): Promise<boolean> {
  const { width, height } = STREAM;
  const config = { codec: codecString(codec, STREAM), width, height, hardwareAcceleration };
  return isSupported(config, nowMs).catch(() => false);
}
