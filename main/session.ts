import type { SessionState } from '../protocol/data-channel.ts';

/** What viewers share: the model's state is that of one session, from its first viewer to some time after its last. */
export interface Session {
  readonly id: string;
  readonly state: SessionState;
  readonly sinceMs: number;
}

/** What a session's state follows from. */
export interface SessionFacts {
  /** A model has said what it has, and an encoder page is there: viewers can be answered. */
  serving: boolean;
  /** Answered and not gone, connected or not. */
  viewers: number;
  /** Those who can watch. */
  connected: number;
  /** The model still runs its handlers of the end. */
  ending: boolean;
}

/**
 * One step on from where the session is; itself where nothing has changed, so call it until it stays.
 *
 * created: nothing to be had yet. ready: nobody has come. waiting: somebody was answered. streaming: somebody watches.
 * orphaned: all have gone, and have `graceMs` to come back. closing: the model ends it. terminated: another one follows.
 */
export function advance(
  session: Session,
  facts: SessionFacts,
  graceMs: number,
  nowMs: number,
  newId: () => string,
): Session {
  const state = nextState(session, facts, graceMs, nowMs);
  if (state === session.state) return session;
  return { id: state === 'created' && isOver(session) ? newId() : session.id, state, sinceMs: nowMs };
}

/** The model has been told that it began, and not that it ended. */
export function isLive({ state }: Pick<Session, 'state'>): boolean {
  return state === 'waiting' || state === 'streaming' || state === 'orphaned';
}

function isOver({ state }: Session): boolean {
  return state === 'terminated';
}

function nextState(
  { state, sinceMs }: Session,
  { serving, viewers, connected, ending }: SessionFacts,
  graceMs: number,
  nowMs: number,
): SessionState {
  switch (state) {
    case 'created':
    case 'ready':
      if (viewers > 0) return 'waiting';
      return serving ? 'ready' : 'created';
    case 'waiting':
    case 'streaming':
      if (connected > 0) return 'streaming';
      return viewers > 0 ? 'waiting' : 'orphaned';
    case 'orphaned':
      if (viewers > 0) return 'waiting';
      return nowMs - sinceMs >= graceMs ? 'closing' : 'orphaned';
    case 'closing':
      return ending ? 'closing' : 'terminated';
    case 'terminated':
      return 'created';
  }
}
