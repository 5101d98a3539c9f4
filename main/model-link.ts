import type { WebSocket } from 'ws';
import { type ModelHello, modelHello, type Ring } from '../protocol/hello.ts';
import type {
  CommandDone,
  ModelInterface,
  ModelMessage,
  ModelSessionEnded,
  StateChanged,
} from '../protocol/interaction.ts';
import { AUDIO_WINDOW_US, PROTOCOL_VERSION, VIDEO_WINDOW_FRAMES } from '../protocol/limits.ts';
import type { AudioMessage, FlushMessage, VideoMessage } from '../protocol/media.ts';
import { type ModelError, type ModelStats, type ModelStatus, modelToHost } from '../protocol/model.ts';
import { HostError } from './errors.ts';
import type { ThrottledLog } from './log.ts';
import { describeIssue, HELLO_LIMIT_MS, type Incoming, PeerSocket, versionMismatch } from './peer-socket.ts';
import { Signal } from './signal.ts';

/** How long the connected model may take to answer a ping when a second one wants its place. */
const ALIVE_LIMIT_MS = 1_000;

/** Where a model connects from: only one that this host started can share memory with the encoder page. */
export type ModelOrigin = 'supervised' | 'remote';

export interface ModelLinkOptions {
  /** The ring to offer, or null where payloads travel inline. Asked once for each model that is let in, which waits for it. */
  ringFor: (origin: ModelOrigin) => Promise<Ring | null>;
  nowMs: () => number;
  log: ThrottledLog;
}

/** The WebSocket `/host`: at most one model at a time. */
export class ModelLink {
  readonly connected = new Signal<[ModelHello, Ring | null]>();
  /** Pictures, sound and clock answers, to be forwarded. */
  readonly media = new Signal<[VideoMessage | AudioMessage, Incoming]>();
  readonly flushed = new Signal<[FlushMessage, Incoming]>();
  readonly clockPong = new Signal<[Incoming]>();
  readonly status = new Signal<[ModelStatus]>();
  readonly failed = new Signal<[ModelError]>();
  readonly stats = new Signal<[ModelStats]>();
  readonly described = new Signal<[ModelInterface]>();
  readonly stateChanged = new Signal<[StateChanged]>();
  /** The model has a message for viewers. */
  readonly said = new Signal<[ModelMessage]>();
  readonly commandDone = new Signal<[CommandDone]>();
  readonly sessionEnded = new Signal<[ModelSessionEnded]>();
  readonly disconnected = new Signal<[]>();

  #current: PeerSocket | undefined;
  /** The current one has its welcome, which comes before anything else. */
  #welcomed = false;
  readonly #options: ModelLinkOptions;

  constructor(options: ModelLinkOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#current !== undefined;
  }

  accept(socket: WebSocket, origin: ModelOrigin): void {
    const { nowMs, log } = this.#options;
    let greeted = false;
    const peer: PeerSocket = new PeerSocket(
      socket,
      {
        onMessage: (message) => {
          if (greeted) {
            // A refused or replaced model may still have messages on the way.
            if (peer === this.#current) this.#receive(message);
            return;
          }
          greeted = true;
          clearTimeout(timer);
          void this.#greet(peer, readHello(message), origin);
        },
        onRefused: (error) => log.warn('model disconnected', error.message),
        onClose: () => {
          clearTimeout(timer);
          if (peer !== this.#current) return;
          this.#current = undefined;
          this.disconnected.emit();
        },
      },
      nowMs,
    );
    const timer = setTimeout(() => {
      peer.refuse(helloTimeout('model'));
      log.warn('model disconnected', 'it did not say hello');
    }, HELLO_LIMIT_MS);
  }

  send(header: object): void {
    if (this.#welcomed) this.#current?.send(header);
  }

  forward(bytes: Uint8Array): void {
    if (this.#welcomed) this.#current?.forward(bytes);
  }

  /** The model connects anew and asks again how payloads travel. */
  reconnect(): void {
    const old = this.#current;
    if (!old) return;
    // What it still sends is for the page that was: slots of another ring.
    this.#current = undefined;
    old.close();
    this.disconnected.emit();
  }

  /** Breaks the connection because of what the model sent. */
  refuse(error: HostError): void {
    this.#current?.refuse(error);
    this.#options.log.warn('model disconnected', error.message);
  }

  close(): void {
    this.#current?.terminate();
  }

  async #greet(peer: PeerSocket, hello: ModelHello, origin: ModelOrigin): Promise<void> {
    const old = this.#current;
    if (old) {
      if (await old.isAlive(ALIVE_LIMIT_MS)) {
        peer.refuse(
          new HostError(
            'model-already-connected',
            `another model is connected already, ${hello.model} cannot join it`,
            'end the other model first; a host plays one model',
          ),
        );
        return;
      }
      // Its machine is gone without a goodbye. Its close event may come late: announce it now.
      old.terminate();
      if (this.#current === old) {
        this.#current = undefined;
        this.disconnected.emit();
      }
    }
    if (!peer.open || this.#current) return;
    this.#current = peer;
    this.#welcomed = false;
    const ring = hello.payloads.includes('ring') ? await this.#options.ringFor(origin) : null;
    // Gone while it waited.
    if (peer !== this.#current) return;
    peer.send({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      ring,
      video_window_frames: VIDEO_WINDOW_FRAMES,
      audio_window_us: AUDIO_WINDOW_US,
    });
    this.#welcomed = true;
    this.connected.emit(hello, ring);
  }

  #receive(message: Incoming): void {
    const parsed = modelToHost.safeParse(message.header);
    if (!parsed.success) {
      throw new HostError(
        'bad-message',
        `a message of the model: ${describeIssue(parsed.error)}`,
        'install the same release of reactor-host on both sides',
      );
    }
    const header = parsed.data;
    switch (header.type) {
      case 'video':
      case 'audio':
        this.media.emit(header, message);
        break;
      case 'flush':
        this.flushed.emit(header, message);
        break;
      case 'clock-pong':
        this.clockPong.emit(message);
        break;
      case 'status':
        this.status.emit(header);
        break;
      case 'model-error':
        this.failed.emit(header);
        break;
      case 'model-stats':
        this.stats.emit(header);
        break;
      case 'interface':
        this.described.emit(header);
        break;
      case 'state-changed':
        this.stateChanged.emit(header);
        break;
      case 'message':
        this.said.emit(header);
        break;
      case 'command-done':
        this.commandDone.emit(header);
        break;
      case 'session-ended':
        this.sessionEnded.emit(header);
        break;
      case 'hello':
        throw new HostError('bad-message', 'a second hello of the model', 'say hello once a connection');
    }
  }
}

function readHello(message: Incoming): ModelHello {
  const version = (message.header as { version?: unknown }).version;
  if (typeof version === 'number' && version !== PROTOCOL_VERSION) throw versionMismatch('model', version);
  const parsed = modelHello.safeParse(message.header);
  if (parsed.success) return parsed.data;
  throw new HostError(
    'bad-hello',
    `the model's hello: ${describeIssue(parsed.error)}`,
    'install the same release of reactor-host on both sides',
  );
}

export function helloTimeout(who: string): HostError {
  return new HostError(
    'hello-timeout',
    `no hello of the ${who} within ${HELLO_LIMIT_MS / 1000} s`,
    'the first message of a connection is hello (protocol/hello.ts)',
  );
}
