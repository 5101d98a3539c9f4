import type { ChannelToViewer, HostTiming, SessionEnded } from '../../protocol/data-channel.ts';
import type { Track } from '../../protocol/track.ts';
import {
  type EndReason,
  FAILURES_AT_FAREWELL,
  isGoodNews,
  isProven,
  isRestartDue,
  type SessionFacts,
  type SessionState,
  sessionEnd,
  waitMs,
} from './connection-policy.ts';
import { type HostSnapshot, schemaTracks, tracksKey } from './host-snapshot.ts';
import { type Problem, ProblemError } from './problem.ts';
import type { StatusFacts } from './status-words.ts';
import { request, type WhepQuery, WhepSession } from './whep-session.ts';

/** How often it looks whether something is due. A fault shows up to this much later. */
const TICK_MS = 250;

export interface StreamKeeperOptions {
  query: WhepQuery;
  /** By which the host knows this page again, in its next session, too. */
  clientId: string;
  /** Milliseconds of a clock that never jumps. */
  nowMs: () => number;
  /** From 0 to 1. */
  random: () => number;
  /** The tracks that are asked for now, before any of them begins. */
  onTracks: (tracks: readonly Track[]) => void;
  onTrack: (name: string, kind: Track['kind'], stream: MediaStream) => void;
  onTiming: (timing: HostTiming) => void;
  /** Commands can be sent from now on, or no more. */
  onChannel: (isOpen: boolean) => void;
  onMessage: (message: ChannelToViewer) => void;
  /** The session is about to close, its last pictures are still there. */
  onDrop: () => void;
  /** Something of `facts` may differ. */
  onChange: () => void;
}

/** Keeps a session with the host: opens it, watches it, opens the next one when it has ended. */
export class StreamKeeper {
  readonly #options: StreamKeeperOptions;
  #query: WhepQuery;
  #session: WhepSession | undefined;
  #facts: SessionFacts | undefined;
  #problem: Problem | null = null;
  #failures = 0;
  #nextTryAtMs: number | null = null;
  #snapshot: HostSnapshot | null = null;
  #modelSinceMs = 0;
  #isHostHeard: boolean | null = null;
  #sessionCount = 0;
  #frames = 0;
  readonly #paused = new Set<string>();
  #tick: ReturnType<typeof setInterval> | undefined;

  constructor(options: StreamKeeperOptions) {
    this.#options = options;
    this.#query = options.query;
  }

  /** The session of now, for its receivers. */
  get session(): WhepSession | undefined {
    return this.#session;
  }

  /** Sessions begun since the page was opened. */
  get sessionCount(): number {
    return this.#sessionCount;
  }

  get query(): WhepQuery {
    return this.#query;
  }

  get snapshot(): HostSnapshot | null {
    return this.#snapshot;
  }

  get facts(): Omit<StatusFacts, 'hasPicture'> {
    const nextTryMs = this.#nextTryAtMs === null ? null : this.#nextTryAtMs - this.#options.nowMs();
    return {
      phase: phaseOf(this.#facts?.state),
      isHostHeard: this.#isHostHeard,
      snapshot: this.#snapshot,
      problem: this.#problem,
      nextTryMs,
    };
  }

  start(): void {
    this.stop();
    this.#tick = setInterval(() => this.#look(), TICK_MS);
    this.tryNow();
  }

  /** Ends the session and tries no more, until `start`. */
  stop(): void {
    clearInterval(this.#tick);
    this.#nextTryAtMs = null;
    this.#drop();
  }

  /** A person asks for it: waits and earlier failures do not count. */
  tryNow(): void {
    this.#failures = 0;
    this.#problem = null;
    this.#connect();
  }

  ask(query: WhepQuery): void {
    this.#query = query;
    this.tryNow();
  }

  /** What the next session asks for; the present one stays. */
  prefer(query: WhepQuery): void {
    this.#query = query;
  }

  setHeard(isHeard: boolean): void {
    const isBack = isHeard && this.#isHostHeard === false;
    this.#isHostHeard = isHeard;
    // It may be another run of the host, whose generations are counted anew.
    if (isBack && this.#facts?.state !== 'connected') this.#tryAtOnce();
    this.#options.onChange();
  }

  setSnapshot(snapshot: HostSnapshot): void {
    const before = this.#snapshot;
    if (before?.model.state !== snapshot.model.state) this.#modelSinceMs = this.#options.nowMs();
    this.#snapshot = snapshot;
    if (this.#facts && this.#facts.generation === null && snapshot.encoder.connected) {
      this.#facts.generation = snapshot.encoder.generation;
    }
    if (!this.#session && isGoodNews(before, snapshot)) this.#tryAtOnce();
    this.#look();
    this.#options.onChange();
  }

  /** A track that is not to be sent for now, in this session and those after it. */
  setPaused(track: string, isPaused: boolean): void {
    if (isPaused) this.#paused.add(track);
    else this.#paused.delete(track);
    this.#session?.setPaused(track, isPaused);
  }

  isPaused(track: string): boolean {
    return this.#paused.has(track);
  }

  /**
   * Pictures received in this session so far, all tracks together.
   *
   * @param areExpected false while none can come: all paused, or nothing yielded yet
   */
  setFrames(frames: number, areExpected: boolean): void {
    if (!this.#facts) return;
    this.#facts.sampledAtMs = this.#options.nowMs();
    if (frames !== this.#frames || !areExpected) this.#facts.lastFrameAtMs = this.#facts.sampledAtMs;
    this.#frames = frames;
  }

  #tryAtOnce(): void {
    // What only a person can change is not asked again and again; another host may well see it differently.
    if (this.#problem && !this.#problem.retry && this.#isHostHeard !== false) return;
    this.#failures = 0;
    this.#connect();
  }

  #look(): void {
    const nowMs = this.#options.nowMs();
    if (this.#facts) {
      const reason = sessionEnd(
        this.#facts,
        { isHeard: this.#isHostHeard, snapshot: this.#snapshot, modelSinceMs: this.#modelSinceMs },
        nowMs,
      );
      if (reason !== null) this.#ended(reason);
      else if (isRestartDue(this.#facts, nowMs)) this.#restart(this.#facts, nowMs);
      else if (isProven(this.#facts, nowMs)) {
        this.#failures = 0;
        this.#problem = null;
      }
    }
    if (this.#nextTryAtMs !== null && nowMs >= this.#nextTryAtMs) this.#connect();
    if (this.#facts?.state !== 'connected') this.#options.onChange();
  }

  #restart(facts: SessionFacts, nowMs: number): void {
    const { session } = this;
    facts.restartedAtMs = nowMs;
    session?.restart().catch((thrown) => {
      console.warn('ICE was not restarted:', (thrown as Error).message);
      // The host has given it up before this page did.
      const isGone = thrown instanceof ProblemError && thrown.problem.code === 'unknown-viewer';
      if (isGone && this.#session === session) this.#ended('connection-lost');
    });
  }

  #ended(reason: EndReason): void {
    this.#drop();
    if (reason === 'encoder-new' || reason === 'tracks-changed') {
      this.#failures = 0;
      this.#connect();
      return;
    }
    this.#failed({ code: reason, message: reason, hint: '', retry: true });
  }

  /** Leaves at once: a host that ends waits for its viewers, and closes those who stay in the end. */
  #leave({ reason, dismissed = false }: SessionEnded['data']): void {
    this.#failures = FAILURES_AT_FAREWELL;
    this.#failed({
      code: dismissed ? 'dismissed' : 'session-ended',
      message: reason,
      hint: '',
      retry: !dismissed,
    });
  }

  #read(message: ChannelToViewer): void {
    const { onMessage, onTiming } = this.#options;
    onMessage(message);
    if (message.scope !== 'runtime') return;
    if (message.data.type === 'host_timing') onTiming(message.data);
    if (message.data.type === 'sessionEnded') this.#leave(message.data.data);
  }

  #failed(problem: Problem | null): void {
    this.#drop();
    this.#problem = problem;
    this.#failures += 1;
    const canRetry = problem === null || problem.retry;
    const { nowMs, random } = this.#options;
    this.#nextTryAtMs = canRetry ? nowMs() + waitMs(this.#failures, random()) : null;
    this.#options.onChange();
  }

  #drop(): void {
    if (this.#session) this.#options.onDrop();
    this.#session?.close();
    this.#session = undefined;
    this.#facts = undefined;
  }

  #connect(): void {
    this.#drop();
    this.#nextTryAtMs = null;
    if (typeof RTCPeerConnection === 'undefined') {
      this.#failed({
        code: 'no-webrtc',
        message: 'it is missing or switched off here',
        hint: 'open this page in a current Chrome, Edge, Firefox or Safari',
        retry: false,
      });
      return;
    }
    const { nowMs } = this.#options;
    const session = new WhepSession({
      onTrack: (name, kind, stream) => this.#options.onTrack(name, kind, stream),
      onChannel: (isOpen) => this.#options.onChannel(isOpen),
      onMessage: (message) => this.#read(message),
      onState: (state) => {
        if (this.#session === session) this.#setState(state);
      },
    });
    this.#session = session;
    for (const track of this.#paused) session.setPaused(track, true);
    this.#sessionCount += 1;
    this.#frames = 0;
    this.#facts = {
      state: 'opening',
      stateSinceMs: nowMs(),
      restartedAtMs: null,
      generation: this.#snapshot?.encoder.connected ? this.#snapshot.encoder.generation : null,
      tracksKey: null,
      hasVideo: false,
      sampledAtMs: null,
      lastFrameAtMs: null,
    };
    this.#options.onChange();
    this.#open(session).catch((thrown) => {
      if (this.#session !== session) return;
      if (thrown instanceof ProblemError) this.#failed(thrown.problem);
      else
        this.#failed({ code: 'page-error', message: String(thrown), hint: 'reload this page', retry: true });
    });
  }

  async #open(session: WhepSession): Promise<void> {
    const known = this.#snapshot?.tracks ?? [];
    const all = known.length > 0 ? known : await this.#askTracks();
    if (this.#session !== session || !this.#facts) return;
    if (all.length === 0) {
      // Words come with the model's state; the events tell when there are tracks, and this tries in case they are cut off.
      this.#failed(null);
      return;
    }
    const tracks = selectTracks(all, this.#query.tracks);
    if (this.#query.tracks === undefined) this.#facts.tracksKey = tracksKey(all);
    this.#facts.hasVideo = tracks.some(({ kind }) => kind === 'video');
    this.#options.onTracks(tracks);
    await session.open(tracks, this.#query, this.#options.clientId);
    if (this.#session === session && this.#facts?.state === 'opening') this.#setState('new');
  }

  async #askTracks(): Promise<Track[]> {
    const response = await request('schema');
    const parsed = schemaTracks.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data['x-tracks'];
    throw new ProblemError({
      code: 'schema-not-understood',
      message: 'GET /schema gave no list of tracks that this page understands',
      hint: 'reload this page: the host may be of another version',
      retry: true,
    });
  }

  #setState(state: SessionState): void {
    if (!this.#facts || this.#facts.state === state) return;
    this.#facts.state = state;
    this.#facts.stateSinceMs = this.#options.nowMs();
    this.#look();
    this.#options.onChange();
  }
}

/** Those that are asked for, in the order asked for. A name that nobody knows is the host's to refuse, in its words. */
function selectTracks(all: readonly Track[], names: string | undefined): readonly Track[] {
  if (!names) return all;
  const wanted = names.split(',').map((name) => name.trim());
  const found = wanted.flatMap((name) => all.filter((track) => track.name === name));
  return found.length === wanted.length ? found : all;
}

function phaseOf(state: SessionState | undefined): StatusFacts['phase'] {
  switch (state) {
    case undefined:
      return 'waiting';
    case 'opening':
      return 'opening';
    // Pictures may still come: words change only when it is given up.
    case 'connected':
    case 'disconnected':
      return 'playing';
    default:
      return 'connecting';
  }
}
