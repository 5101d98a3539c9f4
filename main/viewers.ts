import type { ViewerState } from '../protocol/viewer.ts';
import { Signal } from './signal.ts';

/** One viewer's session: the resource behind `/whep/{id}`. */
export interface Viewer {
  readonly id: string;
  /** Names the ICE session (RFC 9725 section 4.3.1): a new one after each ICE restart. */
  etag: string;
  /** The viewer's own ufrag: another one in a PATCH means ICE restart. */
  remoteUfrag: string;
  /** Where candidates without `a=mid` go: the first m-line, which all others are bundled with. */
  readonly firstMid: string;
  state: ViewerState['state'];
  readonly sinceMs: number;
}

/** The viewers by id. An id leaves when the viewer says goodbye, when its connection ends, or with its encoder page. */
export class Viewers {
  readonly changed = new Signal<[Viewer, ViewerState['state']]>();
  readonly #byId = new Map<string, Viewer>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Viewer | undefined {
    return this.#byId.get(id);
  }

  add(viewer: Viewer): void {
    this.#byId.set(viewer.id, viewer);
    this.changed.emit(viewer, viewer.state);
  }

  remove(id: string): boolean {
    const viewer = this.#byId.get(id);
    if (!viewer) return false;
    this.#byId.delete(id);
    viewer.state = 'closed';
    this.changed.emit(viewer, 'closed');
    return true;
  }

  setState(id: string, state: ViewerState['state']): void {
    const viewer = this.#byId.get(id);
    if (!viewer) return;
    if (state === 'closed' || state === 'failed') {
      this.remove(id);
      return;
    }
    viewer.state = state;
    this.changed.emit(viewer, state);
  }

  clear(): void {
    for (const id of [...this.#byId.keys()]) this.remove(id);
  }

  /** Those that never connected within `limitMs`: their browser went away between offer and media. */
  stale(nowMs: number, limitMs: number): Viewer[] {
    return [...this.#byId.values()].filter(
      ({ state, sinceMs }) => (state === 'new' || state === 'connecting') && nowMs - sinceMs > limitMs,
    );
  }
}
