import type { HostStats } from '../../protocol/stats.ts';
import type { EngineName } from '../engine/engine.ts';
import type { TrackCounters } from '../frame-router.ts';
import type { StateSnapshot } from '../host-state.ts';

export type HealthStatus = 'ok' | 'starting' | 'degraded' | 'ending';

/** `ok`: a viewer gets frames. `starting`: never yet. `degraded`: it was so, and something is gone. */
export function healthStatus(state: StateSnapshot, wasReady: boolean): HealthStatus {
  const modelReady = ['running', 'idle', 'ended'].includes(state.model.state);
  if (modelReady && state.encoder.connected) return 'ok';
  return wasReady || state.model.state === 'crashed' || state.model.state === 'restarting'
    ? 'degraded'
    : 'starting';
}

export function healthBody(given: {
  status: HealthStatus;
  state: StateSnapshot;
  engine: EngineName;
  frames: Record<string, TrackCounters>;
  stats: Pick<HostStats, 'tracks'> | undefined;
}): object {
  const { status, state, engine, frames, stats } = given;
  const encoded = new Map((stats?.tracks ?? []).map((track) => [track.name, track]));
  return {
    status,
    engine,
    encoder: state.encoder,
    model: state.model,
    tracks: state.tracks,
    viewers: state.viewers,
    /** Per track: the host's own counters, and those of the encoder page once it has sent some. */
    frames: Object.fromEntries(
      Object.entries(frames).map(([name, counters]) => [
        name,
        { ...counters, encoder: encoded.get(name) ?? null },
      ]),
    ),
  };
}
