/** Figures as people read them. What is not known is a dash. */
export const UNKNOWN = '–';

export function formatMs(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  return ms < 9.95 ? ms.toFixed(1) : String(Math.round(ms));
}

export function formatFps(fps: number | null): string {
  if (fps === null) return UNKNOWN;
  return fps < 9.5 && Math.abs(fps - Math.round(fps)) > 0.05 ? fps.toFixed(1) : String(Math.round(fps));
}

/** Value and unit apart, so that the unit can be set smaller. */
export function formatBitrate(bps: number | null): [value: string, unit: string] {
  if (bps === null) return [UNKNOWN, ''];
  if (bps >= 999_500) return [(bps / 1e6).toFixed(1), 'Mbps'];
  return [String(Math.round(bps / 1000)), 'kbps'];
}

export function formatSize(width: number | null, height: number | null): string {
  return width && height ? `${width}×${height}` : UNKNOWN;
}

/** RTP encoding names as people write them. */
export function formatCodec(name: string | null): string {
  if (name === null) return UNKNOWN;
  return { H264: 'H.264', H265: 'H.265', opus: 'Opus' }[name] ?? name;
}

export function formatShare(share: number | null): string {
  if (share === null) return UNKNOWN;
  const percent = share * 100;
  return `${percent === 0 || percent >= 9.95 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/** `main_video` -> `main video`: track names are Python identifiers. */
export function formatName(name: string): string {
  return name.replace(/_+/g, ' ').trim() || name;
}

/** In powers of 1000. @param round `Math.floor` for a limit: what is shown then fits */
export function formatBytes(bytes: number, round: (value: number) => number = Math.round): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 999_500) return `${round(bytes / 1000)} KB`;
  return `${(round(bytes / 100_000) / 10).toFixed(1)} MB`;
}
