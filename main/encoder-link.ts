import type { WebSocket } from 'ws';
import { type EncoderLog, type EncoderToHost, encoderToHost } from '../protocol/encoder.ts';
import type { EncoderSupport } from '../protocol/encoder-support.ts';
import { type EncoderHello, encoderHello, type MediaSettings } from '../protocol/hello.ts';
import { PROTOCOL_VERSION } from '../protocol/limits.ts';
import type { AckMessage } from '../protocol/media.ts';
import type { EncoderStats } from '../protocol/stats.ts';
import type {
  RequestDone,
  RequestFailed,
  ViewerAnswer,
  ViewerCandidates,
  ViewerControl,
  ViewerOffer,
  ViewerRestart,
  ViewerRestarted,
  ViewerState,
} from '../protocol/viewer.ts';
import type { ViewerChannel, ViewerSaid } from '../protocol/viewer-channel.ts';
import { ERROR_CODES, type ErrorCode, HostError } from './errors.ts';
import type { ThrottledLog } from './log.ts';
import { helloTimeout } from './model-link.ts';
import { describeIssue, HELLO_LIMIT_MS, type Incoming, PeerSocket, versionMismatch } from './peer-socket.ts';
import { Signal } from './signal.ts';

/** An answer takes as long as gathering (at most 10 s by configuration) plus the page's own work. */
const REQUEST_LIMIT_MS = 10_000;

type Request = ViewerOffer | ViewerCandidates | ViewerRestart | ViewerControl;
type Unnumbered<T> = T extends unknown ? Omit<T, 'request_id'> : never;
type Response = ViewerAnswer | ViewerRestarted | RequestDone | RequestFailed;

export interface EncoderLinkOptions {
  media: MediaSettings;
  nowMs: () => number;
  log: ThrottledLog;
}

/** The WebSocket `/encoder`: at most one encoder page; a new one takes the old one's place (it was reloaded or reopened). */
export class EncoderLink {
  readonly connected = new Signal<[EncoderHello]>();
  readonly ack = new Signal<[AckMessage, Incoming]>();
  readonly clockPing = new Signal<[Incoming]>();
  readonly viewerState = new Signal<[ViewerState]>();
  readonly viewerChannel = new Signal<[ViewerChannel]>();
  readonly viewerSaid = new Signal<[ViewerSaid]>();
  readonly stats = new Signal<[EncoderStats]>();
  readonly supported = new Signal<[EncoderSupport]>();
  readonly logged = new Signal<[EncoderLog]>();
  readonly disconnected = new Signal<[]>();
  /** The page said something that the protocol does not allow. It does not come back by itself. */
  readonly refused = new Signal<[HostError]>();

  /** When the page last said anything, in the time of `nowMs`. A page that hangs says nothing. */
  heardMs = 0;

  #current: PeerSocket | undefined;
  #nextRequest = 1;
  readonly #waiting = new Map<
    number,
    { done: (response: Response) => void; fail: (error: HostError) => void }
  >();
  readonly #options: EncoderLinkOptions;

  constructor(options: EncoderLinkOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#current !== undefined;
  }

  get bufferedBytes(): number {
    return this.#current?.bufferedBytes ?? 0;
  }

  accept(socket: WebSocket): void {
    const { nowMs, log, media } = this.#options;
    let greeted = false;
    const peer: PeerSocket = new PeerSocket(
      socket,
      {
        onMessage: (message) => {
          if (greeted) {
            if (peer === this.#current) this.#receive(message);
            return;
          }
          greeted = true;
          clearTimeout(timer);
          const hello = readHello(message);
          this.#drop();
          this.#current = peer;
          this.heardMs = nowMs();
          peer.send({ type: 'welcome', version: PROTOCOL_VERSION, media });
          this.connected.emit(hello);
        },
        onRefused: (error) => {
          log.warn('encoder page refused', error.message);
          if (peer === this.#current) this.refused.emit(error);
        },
        onClose: () => {
          clearTimeout(timer);
          if (peer === this.#current) this.#drop();
        },
      },
      nowMs,
    );
    const timer = setTimeout(() => {
      peer.refuse(helloTimeout('encoder page'));
      log.warn('encoder page disconnected', 'it did not say hello');
    }, HELLO_LIMIT_MS);
  }

  send(header: object): void {
    this.#current?.send(header);
  }

  forward(bytes: Uint8Array): void {
    this.#current?.forward(bytes);
  }

  /** Asks for an answer to a viewer's offer. @throws HostError of the page, `encoder-not-ready`, `encoder-timeout`. */
  async offer(request: Unnumbered<ViewerOffer>): Promise<ViewerAnswer> {
    return expectType(await this.#request(request), 'viewer-answer');
  }

  async candidates(request: Unnumbered<ViewerCandidates>): Promise<void> {
    expectType(await this.#request(request), 'request-done');
  }

  async restart(request: Unnumbered<ViewerRestart>): Promise<ViewerRestarted> {
    return expectType(await this.#request(request), 'viewer-restarted');
  }

  /** @throws HostError of the page, `encoder-not-ready`, `encoder-timeout` */
  async control(viewerId: string, control: ViewerControl['control']): Promise<void> {
    expectType(await this.#request({ type: 'viewer-control', viewer_id: viewerId, control }), 'request-done');
  }

  closeViewer(viewerId: string): void {
    this.send({ type: 'viewer-close', viewer_id: viewerId });
  }

  close(): void {
    this.#current?.terminate();
  }

  #request(request: Unnumbered<Request>): Promise<Response> {
    const id = this.#nextRequest++;
    if (!this.#current) return Promise.reject(encoderGone());
    const limitMs = REQUEST_LIMIT_MS + this.#options.media.gather_limit_ms;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(
          new HostError(
            'encoder-timeout',
            `the encoder page did not answer ${request.type} within ${limitMs / 1000} s`,
            'try again; the machine may be overloaded',
          ),
        );
      }, limitMs);
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        done: (response) => {
          settle();
          resolve(response);
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      });
      this.send({ ...request, request_id: id });
    });
  }

  #receive(message: Incoming): void {
    this.heardMs = this.#options.nowMs();
    const parsed = encoderToHost.safeParse(message.header);
    if (!parsed.success) {
      throw new HostError(
        'bad-message',
        `a message of the encoder page: ${describeIssue(parsed.error)}`,
        'this is an error in reactor-host: build it anew (npm run build)',
      );
    }
    const header: EncoderToHost = parsed.data;
    switch (header.type) {
      case 'ack':
        this.ack.emit(header, message);
        break;
      case 'clock-ping':
        this.clockPing.emit(message);
        break;
      case 'viewer-state':
        this.viewerState.emit(header);
        break;
      case 'viewer-channel':
        this.viewerChannel.emit(header);
        break;
      case 'viewer-said':
        this.viewerSaid.emit(header);
        break;
      case 'encoder-stats':
        this.stats.emit(header);
        break;
      case 'encoder-support':
        this.supported.emit(header);
        break;
      case 'log':
        this.logged.emit(header);
        break;
      case 'request-failed':
        this.#waiting.get(header.request_id)?.fail(fromPage(header));
        break;
      case 'viewer-answer':
      case 'viewer-restarted':
      case 'request-done':
        // One that came too late for its request has nobody waiting.
        this.#waiting.get(header.request_id)?.done(header);
        break;
      case 'hello':
        throw new HostError(
          'bad-message',
          'a second hello of the encoder page',
          'say hello once a connection',
        );
    }
  }

  #drop(): void {
    const old = this.#current;
    if (!old) return;
    this.#current = undefined;
    old.terminate();
    for (const { fail } of [...this.#waiting.values()]) fail(encoderGone());
    this.disconnected.emit();
  }
}

function readHello(message: Incoming): EncoderHello {
  const version = (message.header as { version?: unknown }).version;
  if (typeof version === 'number' && version !== PROTOCOL_VERSION)
    throw versionMismatch('encoder page', version);
  const parsed = encoderHello.safeParse(message.header);
  if (parsed.success) return parsed.data;
  throw new HostError(
    'bad-hello',
    `the encoder page's hello: ${describeIssue(parsed.error)}`,
    'build reactor-host anew (npm run build)',
  );
}

export function encoderGone(): HostError {
  return new HostError(
    'encoder-not-ready',
    'the encoder page is not connected',
    'it is being (re)started: try again in a second',
  );
}

function expectType<T extends Response['type']>(response: Response, type: T): Extract<Response, { type: T }> {
  if (response.type === type) return response as Extract<Response, { type: T }>;
  throw new HostError(
    'encoder-failed',
    `the encoder page answered ${response.type} where ${type} was expected`,
    'try again',
  );
}

/** The page's own code where we list it, so that HTTP can choose its status by the code. */
function fromPage({ error }: RequestFailed): HostError {
  const code = error.code in ERROR_CODES ? (error.code as ErrorCode) : 'encoder-failed';
  return new HostError(code, error.message, error.hint);
}
