import type { RingRead } from './ring-client.ts';

/** Between the page (page-ring.ts) and its ring-worker.ts. */
export type ToRingWorker = { kind: 'ring-make'; slotBytes: number } | RingRead;

export type FromRingWorker =
  | { kind: 'ring-made'; token: string }
  | { kind: 'ring-unable'; message: string }
  | { kind: 'ring-data'; id: number; buffer: ArrayBuffer }
  | { kind: 'ring-data'; id: number; message: string };
