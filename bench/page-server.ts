import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { WebSocketServer } from 'ws';

/** CLOCK_MONOTONIC in microseconds, the clock of the source's stamps: Python's `time.monotonic_ns()` reads the same. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** Serves the viewer page, the reference that it compares with, and this process's clock, on loopback. */
export class PageServer {
  private constructor(
    readonly url: string,
    readonly server: Server,
    readonly clock: WebSocketServer,
  ) {}

  /** @param scripts The folder of the bundled page scripts. */
  static async start(scripts: string, reference: Buffer): Promise<PageServer> {
    const bodies: Record<string, [string, () => string | Buffer]> = {
      '/': ['text/html', () => '<!doctype html><title>bench</title><script src="/viewer-page.js"></script>'],
      '/viewer-page.js': ['text/javascript', () => readFileSync(path.join(scripts, 'viewer-page.js'))],
      '/psnr-worker.js': ['text/javascript', () => readFileSync(path.join(scripts, 'psnr-worker.js'))],
      '/reference': ['application/octet-stream', () => reference],
    };
    const server = createServer((request, response) => {
      const body = bodies[request.url ?? ''];
      if (!body) {
        response.writeHead(404).end();
        return;
      }
      response
        // Isolated pages have clocks of 5 us instead of 100 us resolution.
        .setHeader('cross-origin-opener-policy', 'same-origin')
        .setHeader('cross-origin-embedder-policy', 'require-corp')
        .setHeader('content-type', body[0])
        .end(body[1]());
    });
    const clock = new WebSocketServer({ server, path: '/clock', maxPayload: 64 });
    clock.on('connection', (socket) => socket.on('message', () => socket.send(String(monotonicUs()))));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new PageServer(`http://127.0.0.1:${port}/`, server, clock);
  }

  async close(): Promise<void> {
    for (const socket of this.clock.clients) socket.terminate();
    this.clock.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
