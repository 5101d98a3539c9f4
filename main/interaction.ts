import { randomUUID } from 'node:crypto';
import type {
  ApplicationToViewer,
  ChannelToViewer,
  RuntimeToViewer,
  SessionState,
} from '../protocol/data-channel.ts';
import type { ModelInterface, ModelMessage, StateChanged } from '../protocol/interaction.ts';
import type { ViewerSaid } from '../protocol/viewer-channel.ts';
import { WireError } from '../protocol/wire.ts';
import { type CommandOutcome, Commands } from './commands.ts';
import type { EncoderLink } from './encoder-link.ts';
import type { HostState } from './host-state.ts';
import type { Log } from './log.ts';
import type { ModelLink } from './model-link.ts';
import { advance, isLive, type Session } from './session.ts';
import { Signal } from './signal.ts';
import type { JoinedViewer, Viewers } from './viewers.ts';

/** What viewers are told at the end reaches them before their connections are closed: a round trip or two. */
export const LAST_WORDS_MS = 200;
/** How long the model's handlers of a session's end may take before the next one begins without them. */
const ENDING_LIMIT_MS = 10_000;

/** `GET /session`, and the event of that name. */
export interface SessionSnapshot {
  session_id: string;
  state: SessionState;
  /** For how long it has been in that state. */
  since_ms: number;
  /** How many are connected, and what the model knows them by. */
  clients: number;
  client_ids: string[];
}

export type StateValues = Omit<StateChanged, 'type'>;

export interface InteractionOptions {
  model: ModelLink;
  encoder: EncoderLink;
  viewers: Viewers;
  state: HostState;
  /** How long a session stays after its last viewer. */
  graceMs: number;
  /** The document of `GET /schema`. */
  schema: () => object;
  log: Log;
  nowMs: () => number;
}

/** What viewers and the model have to do with each other: the session that they share, commands, messages and the state. */
export class Interaction {
  readonly sessionChanged = new Signal<[SessionSnapshot]>();
  /** The model said something, to all or to one client. */
  readonly said = new Signal<[ModelMessage]>();
  readonly valuesChanged = new Signal<[StateValues]>();

  readonly #options: InteractionOptions;
  readonly #commands: Commands;
  #session: Session;
  #clients = 0;
  /** Of the last model that has told it; it stays while the model is started again. */
  #interface: ModelInterface | undefined;
  /** The model that is connected has told its interface. */
  #isModelThere = false;
  #values: StateChanged['values'] = {};
  /** When the model was told that the session has ended; until it has run its handlers. */
  #endingMs: number | undefined;

  constructor(options: InteractionOptions) {
    this.#options = options;
    const { model, encoder, viewers, state, nowMs } = options;
    this.#session = { id: randomUUID(), state: 'created', sinceMs: nowMs() };
    this.#commands = new Commands((command) => model.send(command), nowMs);

    model.connected.on(() => this.#introduce());
    model.described.on((described) => this.#useInterface(described));
    model.stateChanged.on(({ client_id, values }) => this.#changeValues({ client_id, values }));
    model.said.on((message) => this.#say(message));
    model.commandDone.on((done) => this.#commands.done(done));
    model.sessionEnded.on(({ session_id }) => {
      if (session_id === this.#session.id) this.#ended();
    });
    model.disconnected.on(() => {
      this.#isModelThere = false;
      this.#commands.lost();
      this.#ended();
    });

    encoder.viewerChannel.on(({ viewer_id, open }) => {
      if (open) this.#greet(viewer_id);
      viewers.setChannel(viewer_id, open);
    });
    encoder.viewerSaid.on((said) => void this.#hear(said));
    viewers.connectedChanged.on((viewer) => this.#clientChanged(viewer));
    viewers.changed.on(() => this.#update());
    state.changed.on(() => this.#update());
  }

  /** What can be said to and by the model; undefined until one has told. */
  get interface(): ModelInterface | undefined {
    return this.#interface;
  }

  get session(): SessionSnapshot {
    const { viewers, nowMs } = this.#options;
    return {
      session_id: this.#session.id,
      state: this.#session.state,
      since_ms: Math.round(nowMs() - this.#session.sinceMs),
      clients: this.#clients,
      client_ids: viewers.connected.map(({ clientId }) => clientId),
    };
  }

  /** For statistics. */
  get commands(): Pick<Commands, 'settled' | 'waiting'> {
    return this.#commands;
  }

  /** All fields of the state; undefined until a model has told them. */
  get values(): StateValues | undefined {
    return this.#interface && { client_id: null, values: this.#values };
  }

  /** Resolves when the model has run it, or it was refused; never rejects. */
  run(clientId: string, name: string, data: Record<string, unknown>): Promise<CommandOutcome> {
    const known = this.#isModelThere ? this.#interface : undefined;
    return this.#commands.run(known, clientId, name, data);
  }

  /** Time passes: to be called once a second. */
  tick(): void {
    const { log, nowMs } = this.#options;
    if (this.#endingMs !== undefined && nowMs() - this.#endingMs >= ENDING_LIMIT_MS) {
      log.warn('the model has not run its session_ended handlers in time; the next session begins without');
      this.#ended();
    }
    this.#update();
  }

  /** The host ends: viewers and model are told. */
  end(reason: string): void {
    const { model, viewers } = this.#options;
    this.#tell(viewers.all, runtime({ type: 'sessionEnded', data: { reason } }));
    if (isLive(this.#session)) model.send(sessionMessage(this.#session.id, 'ended'));
  }

  /** An operator sends this viewer away: it is told, before its connection is closed. */
  dismiss(viewer: JoinedViewer): void {
    const data = { reason: 'an operator has ended this connection', dismissed: true };
    this.#tell([viewer], runtime({ type: 'sessionEnded', data }));
  }

  /** A model has connected, perhaps in the middle of a session: it is told what runs and who is there. */
  #introduce(): void {
    const { model, viewers } = this.#options;
    this.#isModelThere = false;
    if (!isLive(this.#session)) return;
    model.send(sessionMessage(this.#session.id, 'started'));
    for (const viewer of viewers.connected) model.send(clientMessage(viewer));
  }

  #useInterface(described: ModelInterface): void {
    const { viewers, log } = this.#options;
    const { commands, messages } = described;
    const isOther = this.#interface !== undefined && contentOf(this.#interface) !== contentOf(described);
    this.#interface = described;
    this.#isModelThere = true;
    log.debug({ commands: commands.length, messages: messages.length }, 'the model told its interface');
    this.#resetValues();
    if (isOther) this.#tell(viewers.all, this.#schema());
  }

  #resetValues(): void {
    this.#values = {};
    this.#changeValues({ client_id: null, values: this.#interface?.state ?? {} });
  }

  #changeValues(changed: StateValues): void {
    this.#values = { ...this.#values, ...changed.values };
    this.#tell(this.#options.viewers.all, runtime({ type: 'state', data: changed }));
    this.valuesChanged.emit(changed);
  }

  #say(message: ModelMessage): void {
    const { viewers } = this.#options;
    const { client_id, name, data } = message;
    const to = client_id === null ? viewers.all : viewers.all.filter((each) => each.clientId === client_id);
    this.#tell(to, application(name, data));
    this.said.emit(message);
  }

  /** A viewer's channel has opened: what it has missed. */
  #greet(viewerId: string): void {
    const viewer = this.#options.viewers.get(viewerId);
    if (!viewer) return;
    const greeted = [{ ...viewer, channelOpen: true }];
    this.#tellSession(greeted);
    const { values } = this;
    if (values) this.#tell(greeted, runtime({ type: 'state', data: values }));
  }

  async #hear({ viewer_id, message }: ViewerSaid): Promise<void> {
    const viewer = this.#options.viewers.get(viewer_id);
    if (!viewer) return;
    if (message.scope === 'runtime') {
      this.#tell([viewer], this.#schema());
      return;
    }
    const { type: command, data, request_id } = message.data;
    const { error, reply } = await this.run(viewer.clientId, command, data);
    if (error) {
      const told = { request_id: request_id ?? null, command, error };
      this.#tell([viewer], runtime({ type: 'command_error', data: told }));
      return;
    }
    if (reply) this.#tell([viewer], application(reply.name, reply.data));
    if (request_id !== undefined)
      this.#tell([viewer], runtime({ type: 'command_result', data: { request_id, command } }));
  }

  #schema(): ChannelToViewer {
    return runtime({ type: 'modelSchema', data: this.#options.schema() as Record<string, unknown> });
  }

  #clientChanged(viewer: JoinedViewer): void {
    const { model, log } = this.#options;
    log.debug({ client: viewer.clientId, connected: viewer.connected }, 'client');
    if (isLive(this.#session)) model.send(clientMessage(viewer));
    this.#update();
  }

  /** Looks where the session stands now, and says what has changed. */
  #update(): void {
    const { viewers, state, encoder, graceMs, nowMs } = this.#options;
    const { length: connected } = viewers.connected;
    for (;;) {
      const facts = {
        serving: state.snapshot.tracks.length > 0 && encoder.isConnected,
        viewers: viewers.size,
        connected,
        ending: this.#endingMs !== undefined,
      };
      const before = this.#session;
      this.#session = advance(before, facts, graceMs, nowMs(), randomUUID);
      if (this.#session === before) break;
      this.#clients = connected;
      this.#entered(before);
      this.#announce();
    }
    if (this.#clients === connected) return;
    this.#clients = connected;
    this.#announce();
  }

  #entered(before: Session): void {
    const { model, viewers, log, nowMs } = this.#options;
    const { id, state } = this.#session;
    log.debug({ session: id, state }, 'session');
    if (isLive(this.#session) && !isLive(before)) {
      model.send(sessionMessage(id, 'started'));
      for (const viewer of viewers.connected) model.send(clientMessage(viewer));
    } else if (state === 'closing') {
      if (model.isConnected) this.#endingMs = nowMs();
      model.send(sessionMessage(id, 'ended'));
    } else if (state === 'terminated' && this.#interface) {
      this.#resetValues();
    }
  }

  #ended(): void {
    if (this.#endingMs === undefined) return;
    this.#endingMs = undefined;
    this.#update();
  }

  #announce(): void {
    this.#tellSession(this.#options.viewers.all);
    this.sessionChanged.emit(this.session);
  }

  #tellSession(to: readonly JoinedViewer[]): void {
    const { session_id, state, clients } = this.session;
    for (const viewer of to) {
      const data = { session_id, state, client_id: viewer.clientId, clients };
      this.#tell([viewer], runtime({ type: 'session', data }));
    }
  }

  #tell(to: readonly JoinedViewer[], message: ChannelToViewer): void {
    const viewer_ids = to.filter(({ channelOpen }) => channelOpen).map(({ id }) => id);
    if (viewer_ids.length === 0) return;
    const { encoder } = this.#options;
    try {
      encoder.send({ type: 'tell-viewers', viewer_ids, message });
    } catch (thrown) {
      if (!(thrown instanceof WireError)) throw thrown;
      const error = {
        code: 'too-large',
        message: `${message.data.type} is too large for a data channel: ${thrown.message}`,
        hint: 'GET /schema, /session and /events tell the same',
      };
      encoder.send({ type: 'tell-viewers', viewer_ids, message: runtime({ type: 'error', data: error }) });
    }
  }
}

function runtime(data: RuntimeToViewer['data']): RuntimeToViewer {
  return { scope: 'runtime', data };
}

function application(type: string, data: Record<string, unknown>): ApplicationToViewer {
  return { scope: 'application', data: { type, data } };
}

function sessionMessage(session_id: string, state: 'started' | 'ended'): object {
  return { type: 'session', session_id, state };
}

function clientMessage({ clientId, connected }: JoinedViewer): object {
  return { type: 'client', client_id: clientId, connected };
}

/** Without the values: a model that is started again has another state, and the same schema. */
function contentOf({ description, commands, messages }: ModelInterface): string {
  return JSON.stringify([description, commands, messages]);
}
