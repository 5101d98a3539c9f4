import type { HostStats } from '../../protocol/stats.ts';
import type { HostState } from '../host-state.ts';
import type { Interaction } from '../interaction.ts';
import type { Signal } from '../signal.ts';
import type { Viewers } from '../viewers.ts';
import type { EventStreams } from './event-streams.ts';
import { serverSentEvents } from './sse.ts';

/** More than this waiting, and the reader is too slow to be told each second's statistics. */
const MAX_WAITING_EVENTS = 16;

export interface EventSources {
  state: HostState;
  viewers: Viewers;
  stats: Signal<[HostStats]>;
  streams: EventStreams;
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
  { state, viewers, stats, streams, interaction, clientId, pictures }: EventSources,
  signal: AbortSignal,
): Response {
  return serverSentEvents((sink) => {
    sink.send('state', state.snapshot);
    sink.send('session', interaction.session);
    const { values } = interaction;
    if (values) sink.send('state-values', values);
    return [
      streams.opened('events'),
      state.changed.on((snapshot) => sink.send('state', snapshot)),
      viewers.changed.on((viewer, viewerState) =>
        sink.send('viewer', {
          viewer_id: publicId(viewer.id),
          client_id: viewer.clientId,
          state: viewerState,
        }),
      ),
      interaction.sessionChanged.on((session) => sink.send('session', session)),
      interaction.valuesChanged.on((changed) => sink.send('state-values', changed)),
      interaction.said.on(({ client_id, name, data }) => {
        if (client_id === null || client_id === clientId)
          sink.send('message', { type: name, data, client_id });
      }),
      stats.on((message) => {
        if (sink.waiting > MAX_WAITING_EVENTS) return;
        sink.send('stats', pictures ? message : withoutPictures(message));
      }),
    ];
  }, signal);
}

/** Thirty a second and encoder, for those who look for where the time goes. */
export function withoutPictures(stats: HostStats): HostStats {
  const shared_encoders = stats.shared_encoders?.map(({ pictures, ...rest }) => rest);
  return { ...stats, ...(shared_encoders ? { shared_encoders } : {}) };
}

/** Enough to tell viewers apart. The whole id is the key to the session (DELETE), and is only for its owner. */
export function publicId(id: string): string {
  return id.slice(0, 8);
}
