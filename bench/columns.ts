import type { RunResult } from './run.ts';
import { figure } from './table.ts';

/** A column of a table of runs: its name, its unit, and a run's cell. */
export type Column = [name: string, unit: string, cell: (run: RunResult) => string];

export const SIZE: Column[] = [
  ['size', '', ({ size }) => size],
  ['codec', '', ({ summary }) => summary.codec],
];
export const FIRST: Column[] = [
  ['offer to first', 'ms', ({ summary }) => figure(summary.firstPictureMs)],
  ['to full size', 'ms', ({ summary }) => figure(summary.fullSizeMs)],
];
export const LATENCY: Column[] = [
  ['p50', 'ms', ({ summary }) => figure(summary.latencyMs.p50, 1)],
  ['p95', 'ms', ({ summary }) => figure(summary.latencyMs.p95, 1)],
];
export const FLOW: Column[] = [
  ['fps', '1/s', ({ summary }) => figure(summary.fps, 1)],
  ['longest gap', 'ms', ({ summary }) => figure(summary.longestGapMs)],
];
export const QUALITY: Column[] = [
  ['PSNR', 'dB', ({ summary }) => figure(summary.psnrDb, 1)],
  ['received', 'Mbps', ({ summary }) => figure(summary.receivedMbps, 2)],
  ['last size', 'px', ({ summary }) => `${summary.width}x${summary.height}`],
];
export const CROWD: Column[] = [
  ['viewers', '', ({ viewers }) => String(viewers)],
  ['tracks', '', ({ tracks }) => String(tracks)],
];
export const OTHERS: Column = ['others', 'cores', ({ othersCores }) => figure(othersCores, 2)];

export function sum(values: number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

/** How many cores the sender kept busy. */
export function senderCores({ senderCpuMs, summary }: RunResult): string {
  return figure(senderCpuMs && (sum(Object.values(senderCpuMs)) * summary.fps) / 1000, 2);
}
