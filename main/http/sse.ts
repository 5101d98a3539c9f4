/** Comment lines keep proxies from closing a quiet connection; most do so after 30 or 60 s. */
const HEARTBEAT_MS = 15_000;
/** More than this, and it reads nothing: it is cut off, and may begin anew, with all that is told at once. */
const MOST_WAITING_EVENTS = 1000;

export interface EventSink {
  send(event: string, data: object): void;
  /** What was sent and not read yet, in events. A slow reader is not to be told everything. */
  readonly waiting: number;
}

/**
 * An endless answer of server-sent events (HTML standard, section 9.2).
 *
 * @param begin subscribes, and sends what is to be told at once; returns the ways to stop
 * @param signal ends it
 */
export function serverSentEvents(begin: (sink: EventSink) => (() => void)[], signal: AbortSignal): Response {
  const encoder = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => {
          if ((controller.desiredSize ?? 0) < 1 - MOST_WAITING_EVENTS) {
            stop();
            controller.error(new Error('the reader of events does not keep up'));
            return;
          }
          try {
            controller.enqueue(encoder.encode(text));
          } catch {
            stop();
          }
        };
        const close = () => {
          stop();
          try {
            controller.close();
          } catch {
            // Closed by its reader already.
          }
        };
        signal.addEventListener('abort', close, { once: true });
        write('retry: 1000\n');
        const offs = begin({
          send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
          get waiting() {
            return 1 - (controller.desiredSize ?? 0);
          },
        });
        const heartbeat = setInterval(() => write(': alive\n\n'), HEARTBEAT_MS);
        heartbeat.unref();
        stop = () => {
          for (const off of offs) off();
          clearInterval(heartbeat);
          signal.removeEventListener('abort', close);
        };
      },
      cancel() {
        stop();
      },
    },
    { highWaterMark: 1 },
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx would collect events otherwise.
      'x-accel-buffering': 'no',
    },
  });
}
