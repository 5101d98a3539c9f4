import type { CodecSupport } from '../../protocol/encoder-support.ts';
import type { Config } from '../config.ts';
import { type Check, fail, ok, warn } from './check.ts';
import type { Gpu } from './machine.ts';

/** Which of the wanted codecs the engine encodes. */
export function checkCodecs(wanted: Config['codec'], support: readonly CodecSupport[]): Check {
  const name = 'codecs';
  const by = new Map(support.map((each) => [each.codec, each]));
  const usable = wanted.filter((codec) => {
    const can = by.get(codec);
    return can?.rtp && (can.software || can.hardware);
  });
  const missing = wanted.filter((codec) => !usable.includes(codec));
  if (usable.length === 0) {
    return fail(
      name,
      `the engine encodes none of ${wanted.join(', ')}`,
      'allow others with --codec, or choose another --engine',
    );
  }
  const text = `${usable.join(', ')}${missing.length > 0 ? `; not ${missing.join(', ')}` : ''}`;
  // H.265 is a hardware encoder's business alone, which the next check tells of.
  if (missing.every((codec) => codec === 'h265')) return ok(name, text);
  return warn(
    name,
    text,
    missing.includes('h264')
      ? 'H.264 is left out of free builds of Chromium: Chrome, Edge and Electron have it (--chromium PATH)'
      : 'a newer Chrome or Chromium may have it (--chromium PATH)',
  );
}

/** Whether a hardware encoder takes the work, and why not. */
export function checkHardware(
  setting: Config['hardware'],
  support: readonly CodecSupport[],
  gpus: readonly Gpu[],
  platform: NodeJS.Platform = process.platform,
): Check {
  const name = 'hardware encode';
  if (setting === 'off') return ok(name, 'forbidden by --hardware off');
  const codecs = support.filter(({ hardware }) => hardware).map(({ codec }) => codec);
  if (codecs.length > 0) return ok(name, codecs.join(', '));
  if (platform !== 'linux')
    return warn(name, 'the engine has none', 'install the newest driver of the graphics card');
  if (gpus.length === 0) return ok(name, 'none, as there is no GPU');
  if (gpus.every(({ vendor }) => vendor === 'NVIDIA'))
    return ok(name, 'none: Chromium on Linux cannot use the encoders of NVIDIA; it encodes in software');
  return warn(
    name,
    'the engine has none, though there is a GPU',
    'install its VA-API driver (intel-media-va-driver, mesa-va-drivers) and look whether vainfo lists VAEntrypointEncSlice; ' +
      'inside Xvfb there is no GPU: --engine chromium can do without a display',
  );
}
