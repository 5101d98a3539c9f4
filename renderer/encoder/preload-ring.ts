import { RingClient, type RingReply } from './ring-client.ts';

/**
 * The ring that the preload reads (Electron), or undefined without one. Page and preload speak by `window.postMessage`
 * (preload/encoder.ts has the other end): buffers cross by transfer, `contextBridge` would copy them (ENGINE-NOTES, "The
 * preload hand-over"). Messages of a window arrive in order, so no clock is needed: once our own second message is back, a
 * preload would have answered the first.
 */
export function preloadRing(): Promise<RingClient | undefined> {
  return new Promise((resolve) => {
    let found = false;
    const onMessage = ({ source, data }: MessageEvent<RingReply | null>) => {
      if (source !== window) return;
      if (data?.kind === 'ring-hello') window.postMessage({ kind: 'ring-hello-end' }, location.origin);
      if (data?.kind === 'ring-ready') found = true;
      if (data?.kind !== 'ring-hello-end') return;
      window.removeEventListener('message', onMessage);
      resolve(found ? connect() : undefined);
    };
    window.addEventListener('message', onMessage);
    window.postMessage({ kind: 'ring-hello' }, location.origin);
  });
}

function connect(): RingClient {
  const client = new RingClient((read) => window.postMessage(read, location.origin));
  window.addEventListener('message', ({ source, data }: MessageEvent<RingReply | null>) => {
    if (source === window && data) client.take(data);
  });
  return client;
}
