import type { ViewerState } from '../protocol/viewer.ts';
import { Signal } from './signal.ts';

/** A viewer whose browser went away between the answer and media; ICE itself gives up after about 30 s. */
const CONNECT_LIMIT_MS = 45_000;
/** ICE says `disconnected` 2.5 to 5 s after the last packet, and a place is to be free within 20 s. Within this time the viewer may restart it, and stays. */
const DISCONNECTED_LIMIT_MS = 13_000;
/** A data channel opens one round trip after the connection. A viewer that offered one and opens none watches all the same. */
const CHANNEL_LIMIT_MS = 5_000;

/** Of so many that closed their connection it is known that their goodbye may still come. */
const MAX_LEFT = 1000;

/** One viewer's connection: the resource behind `/whep/{id}`. */
export interface Viewer {
  readonly id: string;
  /** What model and other viewers know its client by (client-id.ts). */
  readonly clientId: string;
  /** Names the ICE session (RFC 9725 section 4.3.1): a new one after each ICE restart. */
  etag: string;
  /** The viewer's own ufrag: another one in a PATCH means ICE restart. */
  remoteUfrag: string;
  /** Where candidates without `a=mid` go: the first m-line, which all others are bundled with. */
  readonly firstMid: string;
  /** Its offer has a data channel, for which it is waited before the viewer counts as connected. */
  readonly offersChannel: boolean;
  /** The debug page: no client of the session. */
  readonly observer: boolean;
  /** As they went over WHEP. */
  readonly description: { offer: string; answer: string };
}

/** How a viewer's connection stands. */
export interface ViewerStanding {
  state: ViewerState['state'];
  stateMs: number;
  channelOpen: boolean;
  /** It watches, and can be spoken to. Once true it stays so until the viewer leaves: ICE may restart. */
  connected: boolean;
}

export type JoinedViewer = Viewer & Readonly<ViewerStanding>;

/** The viewers by id. An id leaves when the viewer says goodbye, when its connection ends, or with its encoder page. */
export class Viewers {
  /** Joined, another state of its connection, or (`closed`) left. */
  readonly changed = new Signal<[JoinedViewer, ViewerState['state']]>();
  /** A viewer is connected now, or one that was has left. */
  readonly connectedChanged = new Signal<[JoinedViewer]>();
  readonly #byId = new Map<string, Viewer & ViewerStanding>();
  readonly #left = new Set<string>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Without those that only look on. */
  get size(): number {
    return this.all.filter(({ observer }) => !observer).length;
  }

  get all(): JoinedViewer[] {
    return [...this.#byId.values()];
  }

  get connected(): JoinedViewer[] {
    return this.all.filter(({ connected }) => connected);
  }

  get(id: string): JoinedViewer | undefined {
    return this.#byId.get(id);
  }

  ofClient(clientId: string): JoinedViewer | undefined {
    return this.all.find((viewer) => viewer.clientId === clientId);
  }

  add(viewer: Viewer): void {
    const joined = {
      ...viewer,
      state: 'new' as const,
      stateMs: this.#nowMs(),
      channelOpen: false,
      connected: false,
    };
    this.#byId.set(viewer.id, joined);
    this.changed.emit(joined, joined.state);
  }

  remove(id: string): boolean {
    const viewer = this.#byId.get(id);
    if (!viewer) return false;
    this.#byId.delete(id);
    const wasConnected = viewer.connected;
    Object.assign(viewer, { state: 'closed', channelOpen: false, connected: false });
    if (wasConnected) this.connectedChanged.emit(viewer);
    this.changed.emit(viewer, 'closed');
    return true;
  }

  setState(id: string, state: ViewerState['state']): void {
    const viewer = this.#byId.get(id);
    if (!viewer || viewer.state === state) return;
    if (state === 'closed' || state === 'failed') {
      this.remove(id);
      this.#left.add(id);
      const [oldest] = this.#left;
      if (this.#left.size > MAX_LEFT && oldest !== undefined) this.#left.delete(oldest);
      return;
    }
    viewer.state = state;
    viewer.stateMs = this.#nowMs();
    this.changed.emit(viewer, state);
    this.#connect(viewer);
  }

  /** Its connection has ended before its DELETE came, which is in order once: browsers close first. */
  hadLeft(id: string): boolean {
    return this.#left.delete(id);
  }

  setChannel(id: string, open: boolean): void {
    const viewer = this.#byId.get(id);
    if (!viewer) return;
    viewer.channelOpen = open;
    this.#connect(viewer);
  }

  /** Other ICE credentials are in force. */
  setIce(id: string, ice: Pick<Viewer, 'etag' | 'remoteUfrag'>): void {
    const viewer = this.#byId.get(id);
    if (viewer) Object.assign(viewer, ice);
  }

  clear(): void {
    for (const id of [...this.#byId.keys()]) this.remove(id);
  }

  /** Looks after what sends no event. Those that are given up are returned, and are to be closed. */
  tick(): JoinedViewer[] {
    const nowMs = this.#nowMs();
    const stale: JoinedViewer[] = [];
    for (const viewer of this.#byId.values()) {
      const { state, stateMs } = viewer;
      const limitMs = state === 'disconnected' ? DISCONNECTED_LIMIT_MS : CONNECT_LIMIT_MS;
      if (state !== 'connected' && nowMs - stateMs >= limitMs) stale.push(viewer);
      else this.#connect(viewer);
    }
    for (const { id } of stale) this.remove(id);
    return stale;
  }

  #connect(viewer: Viewer & ViewerStanding): void {
    if (viewer.connected || viewer.observer || viewer.state !== 'connected') return;
    const lacksChannel = viewer.offersChannel && !viewer.channelOpen;
    if (lacksChannel && this.#nowMs() - viewer.stateMs < CHANNEL_LIMIT_MS) return;
    viewer.connected = true;
    this.connectedChanged.emit(viewer);
  }
}
