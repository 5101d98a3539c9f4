import type { CodecSupport } from '../protocol/encoder-support.ts';
import type { ErrorInfo } from '../protocol/error.ts';
import type { Track } from '../protocol/track.ts';
import { Signal } from './signal.ts';

/**
 * Where the model stands, for people:
 * `starting` Python begins; `waiting` for a remote model; `loading` load() runs; `running`; `idle` yields nothing for now;
 * `ended` finished well, the last frame stays; `crashed` ended with an error; `restarting` is being started again.
 */
export type ModelState =
  | 'starting'
  | 'waiting'
  | 'loading'
  | 'running'
  | 'idle'
  | 'ended'
  | 'crashed'
  | 'restarting';

export interface StateSnapshot {
  model: { state: ModelState; name: string | null; restarts: number; error?: ErrorInfo };
  /** `codecs` once the page has told what its engine can do. */
  encoder: { connected: boolean; generation: number; codecs?: CodecSupport[] };
  tracks: Track[];
  viewers: number;
}

/** What /health, /events and the ready line look at. Every change is announced by `changed`. */
export class HostState {
  readonly changed = new Signal<[StateSnapshot]>();
  #isEnding = false;
  #snapshot: StateSnapshot;

  constructor(model: ModelState) {
    this.#snapshot = {
      model: { state: model, name: null, restarts: 0 },
      encoder: { connected: false, generation: 0 },
      tracks: [],
      viewers: 0,
    };
  }

  get snapshot(): StateSnapshot {
    return this.#snapshot;
  }

  /** True when viewers can be served and the model has begun to yield. */
  get ready(): boolean {
    return this.#snapshot.encoder.connected && this.modelReady;
  }

  /** No new viewer is to come. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  setEnding(): void {
    this.#isEnding = true;
  }

  get modelReady(): boolean {
    return ['running', 'idle', 'ended'].includes(this.#snapshot.model.state);
  }

  /** `error` stays until the model runs again, so that a viewer that comes late can be told. */
  setModel(change: { state?: ModelState; name?: string; restarts?: number; error?: ErrorInfo | null }): void {
    const { error, ...rest } = change;
    const model = { ...this.#snapshot.model, ...rest };
    if (error === null || change.state === 'running') delete model.error;
    else if (error) model.error = error;
    this.#set({ ...this.#snapshot, model });
  }

  setTracks(tracks: Track[]): void {
    this.#set({ ...this.#snapshot, tracks });
  }

  /** A new generation tells viewers that their connections died with the old encoder page. */
  setEncoder(connected: boolean): void {
    const { generation } = this.#snapshot.encoder;
    this.#set({
      ...this.#snapshot,
      encoder: { connected, generation: connected ? generation + 1 : generation },
    });
  }

  setCodecs(codecs: CodecSupport[]): void {
    this.#set({ ...this.#snapshot, encoder: { ...this.#snapshot.encoder, codecs } });
  }

  setViewers(viewers: number): void {
    if (viewers !== this.#snapshot.viewers) this.#set({ ...this.#snapshot, viewers });
  }

  #set(next: StateSnapshot): void {
    this.#snapshot = next;
    this.changed.emit(next);
  }
}
