import type { VideoCodec } from '../../../protocol/hello.ts';
import { codecString } from './encoder-config.ts';

/** Asking takes up to 50 ms, and hardware may be free again later. */
const KEPT_MS = 60_000;
const known = new Map<string, { atMs: number; supported: Promise<boolean> }>();

/** `VideoEncoder.isConfigSupported`, with answers kept for a while. */
export function isSupported(config: VideoEncoderConfig, nowMs: number): Promise<boolean> {
  const { codec, width, height, hardwareAcceleration } = config;
  const name = `${codec} ${width}x${height} ${hardwareAcceleration}`;
  const before = known.get(name);
  if (before && nowMs - before.atMs < KEPT_MS) return before.supported;
  const supported = VideoEncoder.isConfigSupported(config).then((answer) => answer.supported === true);
  known.set(name, { atMs: nowMs, supported });
  return supported;
}

/** The first question of a page starts Chromium's list of hardware encoders: not while a viewer waits. */
export function askAhead(codecs: readonly VideoCodec[], nowMs: number): void {
  const size = { width: 1280, height: 720 };
  for (const codec of codecs) {
    const config: VideoEncoderConfig = {
      codec: codecString(codec, { ...size, fps: 30, bitrateBps: 4_000_000 }),
      ...size,
      hardwareAcceleration: 'prefer-hardware',
    };
    // What it says matters only to whoever asks again.
    isSupported(config, nowMs).catch(() => {});
  }
}
