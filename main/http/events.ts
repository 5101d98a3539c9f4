import type { HostStats } from '../../protocol/stats.ts';
import type { HostState } from '../host-state.ts';
import type { Interaction } from '../interaction.ts';
import type { Signal } from '../signal.ts';
import type { Viewers } from '../viewers.ts';

/** Comment lines keep proxies from closing a quiet connection; most do so after 30 or 60 s. */
const HEARTBEAT_MS = 15_000;
/** More than this waiting, and the reader is too slow to be told each second's statistics. */
const MAX_WAITING_CHUNKS = 16;
/** More than this, and it reads nothing: it is cut off, and may begin anew, with all values. */
const MOST_WAITING_CHUNKS = 1000;

export interface EventSources {
  state: HostState;
  viewers: Viewers;
  stats: Signal<[HostStats]>;
  interaction: Pick<Interaction, 'session' | 'values' | 'sessionChanged' | 'valuesChanged' | 'said'>;
  /** Whose messages are told beside those for all. */
  clientId: string | undefined;
  /** Also tell what each single picture took. */
  pictures: boolean;
}

/**
 * `GET /events` (HTML standard, server-sent events): `state`, `session` and `state-values` at once and at each change,
 * `message` of the model, `viewer`, `stats` each second.
 */
export function eventStream(
  { state, viewers, stats, interaction, clientId, pictures }: EventSources,
  signal: AbortSignal,
): Response {
  const encoder = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => {
          if ((controller.desiredSize ?? 0) < 1 - MOST_WAITING_CHUNKS) {
            stop();
            controller.error(new Error('the reader of /events does not keep up'));
            return;
          }
          try {
            controller.enqueue(encoder.encode(text));
          } catch {
            stop();
          }
        };
        const send = (event: string, data: object) =>
          write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
        const offs = [
          state.changed.on((snapshot) => send('state', snapshot)),
          viewers.changed.on((viewer, viewerState) =>
            send('viewer', {
              viewer_id: publicId(viewer.id),
              client_id: viewer.clientId,
              state: viewerState,
            }),
          ),
          interaction.sessionChanged.on((session) => send('session', session)),
          interaction.valuesChanged.on((values) => send('state-values', values)),
          interaction.said.on(({ client_id, name, data }) => {
            if (client_id === null || client_id === clientId)
              send('message', { type: name, data, client_id });
          }),
          stats.on((message) => {
            if ((controller.desiredSize ?? 0) < 1 - MAX_WAITING_CHUNKS) return;
            send('stats', pictures ? message : withoutPictures(message));
          }),
        ];
        const heartbeat = setInterval(() => write(': alive\n\n'), HEARTBEAT_MS);
        heartbeat.unref();
        stop = () => {
          for (const off of offs) off();
          clearInterval(heartbeat);
          signal.removeEventListener('abort', close);
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
        send('state', state.snapshot);
        send('session', interaction.session);
        const { values } = interaction;
        if (values) send('state-values', values);
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

/** Thirty a second and encoder, for those who look for where the time goes. */
function withoutPictures(stats: HostStats): HostStats {
  const shared_encoders = stats.shared_encoders?.map(({ pictures, ...rest }) => rest);
  return { ...stats, ...(shared_encoders ? { shared_encoders } : {}) };
}

/** Enough to tell viewers apart. The whole id is the key to the session (DELETE), and is only for its owner. */
export function publicId(id: string): string {
  return id.slice(0, 8);
}
