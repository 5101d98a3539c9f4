import { openSync } from 'node:fs';
import { parseRingArgument, readSlot } from './ring.ts';

/**
 * The preload of the encoder window, its only way out of the page: it reads slots of the ring that main named on the
 * command line. Nothing else is exposed, no path crosses, and the page cannot write.
 *
 * The window runs with `sandbox: false` for this one reason: `node:fs` reads the ring (main/engine/electron.ts). Frames go
 * to the page by `window.postMessage` with transfer, which is as fast as no isolation at all; an ArrayBuffer returned
 * through `contextBridge` is copied, 3 ms a frame more (ENGINE-NOTES, "The preload hand-over").
 *
 * The page asks `{kind: 'ring-hello'}` -> `{kind: 'ring-ready'}`, and
 * `{kind: 'ring-read', id, slot, bytes}` -> `{kind: 'ring-data', id, buffer}` or `{kind: 'ring-data', id, message}`.
 */
const ring = parseRingArgument(process.argv);
let fd: number | undefined;

if (ring) {
  window.addEventListener('message', ({ source, data }: MessageEvent) => {
    if (source !== window || typeof data !== 'object' || data === null) return;
    const { kind, id, slot, bytes } = data as Record<string, unknown>;
    if (kind === 'ring-hello') window.postMessage({ kind: 'ring-ready' }, location.origin);
    if (kind !== 'ring-read' || !Number.isSafeInteger(id)) return;
    try {
      fd ??= openSync(ring.path, 'r');
      const buffer = readSlot(fd, ring, slot, bytes);
      window.postMessage({ kind: 'ring-data', id, buffer }, location.origin, [buffer]);
    } catch (error) {
      window.postMessage({ kind: 'ring-data', id, message: String(error) }, location.origin);
    }
  });
}
