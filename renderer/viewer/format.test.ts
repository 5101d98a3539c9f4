import { expect, test } from 'vitest';
import {
  formatBitrate,
  formatCodec,
  formatFps,
  formatMs,
  formatName,
  formatShare,
  formatSize,
  UNKNOWN,
} from './format.ts';

test('figures as people read them', () => {
  expect([null, 0, 7.5, 9.96, 31.4].map(formatMs)).toEqual([UNKNOWN, '0.0', '7.5', '10', '31']);
  expect([null, 0, 1.96, 2.5, 29.97].map(formatFps)).toEqual([UNKNOWN, '0', '2', '2.5', '30']);
  expect([null, 0, 96_400, 999_600, 4_250_000].map((bps) => formatBitrate(bps).join(' '))).toEqual([
    `${UNKNOWN} `,
    '0 kbps',
    '96 kbps',
    '1.0 Mbps',
    '4.3 Mbps',
  ]);
  expect([formatSize(1280, 720), formatSize(null, 720), formatSize(0, 0)]).toEqual([
    '1280×720',
    UNKNOWN,
    UNKNOWN,
  ]);
  expect([null, 0, 0.004, 0.25].map(formatShare)).toEqual([UNKNOWN, '0 %', '0.4 %', '25 %']);
  expect([null, 'H264', 'VP9', 'opus'].map(formatCodec)).toEqual([UNKNOWN, 'H.264', 'VP9', 'Opus']);
  expect([formatName('main_video'), formatName('_')]).toEqual(['main video', '_']);
});
