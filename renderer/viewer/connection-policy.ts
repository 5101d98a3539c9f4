import { type HostSnapshot, tracksKey } from './host-snapshot.ts';

/**
 * When a session has come to its end, when to try again. Time comes in as an argument.
 *
 * @packageDocumentation
 */

/** ICE calls a path `disconnected` after seconds of silence and often finds it again by itself: wait this long for that. */
const RESTART_AFTER_MS = 1_000;
/** Then look for another path, and once more if that led to nothing. */
const RESTART_EVERY_MS = 1_500;
/** Then give the connection up. The host keeps it for 13 s, but a new one takes less than that. */
const DISCONNECTED_LIMIT_MS = 4_500;
/** The encoder page repeats the last picture twice a second even for an idle model: silence this long is a fault. */
const STALLED_LIMIT_MS = 3_000;
/** The same while the stream of events is cut as well: two witnesses that the host is gone. */
const HOST_GONE_LIMIT_MS = 1_500;
/** Chromium gives ICE up after about 15 s without an answer to its checks. */
const CONNECT_LIMIT_MS = 15_000;
/** Played this long, a session was a success: the next fault starts with short waits again. */
const PROVEN_MS = 5_000;
/** Waits before the second try, the third and so on; the first is at once. A host restart takes a few seconds. */
const WAITS_MS = [0, 500, 1_000, 2_000, 4_000, 8_000];
/** A host that says goodbye refuses until it has ended: the first try after it waits for 2 s. One that is back is tried at once. */
export const FAILURES_AT_FAREWELL = 3;

/** `opening`: the offer is on its way; the others are RTCPeerConnectionState. */
export type SessionState = 'opening' | RTCPeerConnectionState;

export interface SessionFacts {
  state: SessionState;
  stateSinceMs: number;
  /** When ICE was restarted last; null: never. */
  restartedAtMs: number | null;
  /** The encoder page it was made with; null when the host had not told yet. */
  generation: number | null;
  /** See `tracksKey`; null for a session that asked for some tracks only. */
  tracksKey: string | null;
  hasVideo: boolean;
  /** When pictures were counted last, and when there was a new one. */
  sampledAtMs: number | null;
  lastFrameAtMs: number | null;
}

export interface HostFacts {
  /** Whether the stream of events stands; null before the first answer. */
  isHeard: boolean | null;
  snapshot: HostSnapshot | null;
  /** Since when the model is in its state. */
  modelSinceMs: number;
}

export type EndReason =
  | 'connection-lost'
  | 'no-path'
  | 'no-answer'
  | 'stalled'
  | 'encoder-new'
  | 'tracks-changed';

/** Why this session is of no more use; null while it is. */
export function sessionEnd(session: SessionFacts, host: HostFacts, nowMs: number): EndReason | null {
  const { state, stateSinceMs, generation } = session;
  const { snapshot } = host;
  const inStateMs = nowMs - stateSinceMs;
  if (snapshot?.encoder.connected && generation !== null && snapshot.encoder.generation !== generation) {
    return 'encoder-new';
  }
  if (
    snapshot !== null &&
    session.tracksKey !== null &&
    snapshot.tracks.length > 0 &&
    session.tracksKey !== tracksKey(snapshot.tracks)
  ) {
    return 'tracks-changed';
  }
  switch (state) {
    case 'opening':
      return inStateMs >= CONNECT_LIMIT_MS ? 'no-answer' : null;
    case 'new':
    case 'connecting':
      return inStateMs >= CONNECT_LIMIT_MS ? 'no-path' : null;
    case 'disconnected':
      return inStateMs >= DISCONNECTED_LIMIT_MS ? 'connection-lost' : null;
    case 'failed':
      // Without a picture ever, no pair of addresses worked; with one, a path that worked is gone.
      return session.lastFrameAtMs === null ? 'no-path' : 'connection-lost';
    case 'closed':
      return 'connection-lost';
    case 'connected':
      return isStalled(session, host, nowMs) ? 'stalled' : null;
  }
}

function isStalled(session: SessionFacts, host: HostFacts, nowMs: number): boolean {
  const { sampledAtMs, lastFrameAtMs, stateSinceMs } = session;
  if (!session.hasVideo || sampledAtMs === null) return false;
  // By the time of counting, not by now: a page that slept has not counted, which is no fault of the stream.
  const silentMs = sampledAtMs - Math.max(lastFrameAtMs ?? 0, stateSinceMs);
  if (host.isHeard === false && silentMs >= HOST_GONE_LIMIT_MS) return true;
  const runningMs = Math.min(nowMs, sampledAtMs) - host.modelSinceMs;
  return host.snapshot?.model.state === 'running' && Math.min(silentMs, runningMs) >= STALLED_LIMIT_MS;
}

/** True when another path is to be looked for (ICE restart). */
export function isRestartDue({ state, stateSinceMs, restartedAtMs }: SessionFacts, nowMs: number): boolean {
  const sinceMs = Math.max(
    stateSinceMs + RESTART_AFTER_MS,
    (restartedAtMs ?? -RESTART_EVERY_MS) + RESTART_EVERY_MS,
  );
  return state === 'disconnected' && nowMs >= sinceMs;
}

/** True when the session showed that it works, and failures before it are forgotten. */
export function isProven(session: SessionFacts, nowMs: number): boolean {
  const hasMedia = !session.hasVideo || session.lastFrameAtMs !== null;
  return session.state === 'connected' && hasMedia && nowMs - session.stateSinceMs >= PROVEN_MS;
}

/**
 * How long to wait before the next try.
 *
 * @param failures tries in a row that led to nothing
 * @param random from 0 to 1: keeps many viewers from coming back in the same moment
 */
export function waitMs(failures: number, random: number): number {
  const longest = WAITS_MS[WAITS_MS.length - 1] ?? 0;
  const wait = failures <= 0 ? 0 : (WAITS_MS[failures - 1] ?? longest);
  return Math.round(wait * (0.75 + 0.5 * random));
}

/** True when the host has told something that makes a try worth while at once, whatever went wrong before. */
export function isGoodNews(before: HostSnapshot | null, now: HostSnapshot): boolean {
  if (before === null) return true;
  const canServe = (snapshot: HostSnapshot) => snapshot.encoder.connected && snapshot.tracks.length > 0;
  return (
    (canServe(now) && !canServe(before)) ||
    (canServe(now) && now.encoder.generation !== before.encoder.generation) ||
    (canServe(now) && tracksKey(now.tracks) !== tracksKey(before.tracks))
  );
}
