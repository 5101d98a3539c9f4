import type { ChannelToViewer, RuntimeToViewer } from '../../protocol/data-channel.ts';
import { CommandSender } from './command-sender.ts';
import { byId, setText } from './element.ts';
import { InputBinding, type Surface } from './input-binding.ts';
import { MessageLog } from './message-log.ts';
import { commandsOf, messagesOf } from './model-schema.ts';
import { type JsonSchema, objectOf } from './parameter-kind.ts';
import { SchemaControls } from './schema-controls.ts';
import { request } from './whep-session.ts';

type Session = Extract<RuntimeToViewer['data'], { type: 'session' }>['data'];

export interface InteractionOptions {
  /** Where the pictures are. */
  stage: HTMLElement;
  /** Puts a text on the channel. @returns false when there is no open channel */
  send: (text: string) => boolean;
  onSession: (session: Session) => void;
}

/** What this page and the model have to say to each other: controls, keys and pointer one way, messages and the state the other. */
export class Interaction {
  readonly #onSession: (session: Session) => void;
  readonly #sender: CommandSender;
  readonly #controls: SchemaControls;
  readonly #binding: InputBinding;
  readonly #messages = new MessageLog();
  /** The schema that the controls are of, as text. */
  #schema = '';
  /** Schemas that the channel has brought. */
  #schemasHeard = 0;
  #isConnected = false;
  /** By which the model and others know this page. */
  #clientId: string | null = null;

  constructor({ stage, send, onSession }: InteractionOptions) {
    this.#onSession = onSession;
    this.#sender = new CommandSender({
      send,
      onRefused: (command, failure) => this.#controls.refused(command, failure),
    });
    this.#controls = new SchemaControls(byId('controls'), this.#sender);
    this.#binding = new InputBinding(stage, (command, data) => this.#sender.cast(command, data));
  }

  /** Something is bound to the pointer: a double click on the picture is the model's then. */
  get hasPointer(): boolean {
    return this.#binding.hasPointer;
  }

  setSurface(surface: Surface | undefined): void {
    this.#binding.setSurface(surface);
  }

  releaseKeys(): void {
    this.#binding.releaseAll();
  }

  setConnected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    this.#binding.setActive(isConnected);
    byId('controls').classList.toggle('away', !isConnected);
    if (isConnected) void this.#askSchema();
    else {
      this.#sender.disconnected();
      byId('audience').hidden = true;
    }
  }

  read(message: ChannelToViewer): void {
    if (message.scope === 'application') {
      this.#messages.add(message.data.type, message.data.data);
      return;
    }
    this.#sender.read(message.data);
    switch (message.data.type) {
      case 'session':
        this.#showSession(message.data.data);
        break;
      case 'state': {
        const { values, client_id } = message.data.data;
        this.#controls.setValues(values, client_id !== null && client_id === this.#clientId);
        break;
      }
      case 'error': {
        // What of nothing in particular was refused: too many messages, or one that is too large.
        const { code, message: text, hint } = message.data.data;
        this.#messages.add('host', { error: `${text} (${code})`, hint });
        break;
      }
      case 'modelSchema':
        this.#schemasHeard += 1;
        this.#setSchema(message.data.data);
        break;
    }
  }

  async #askSchema(): Promise<void> {
    const heard = this.#schemasHeard;
    const response = await request('schema').catch(() => undefined);
    const document: unknown = await response?.json().catch(() => undefined);
    // What the channel has told meanwhile is newer. Without an answer the connection will not last either.
    const isNewest = heard === this.#schemasHeard && this.#isConnected;
    if (isNewest && document !== undefined) this.#setSchema(objectOf(document));
  }

  /** Makes the controls of this schema; those of the same one stay as they are, with what is being typed into them. */
  #setSchema(document: JsonSchema): void {
    const text = JSON.stringify(document);
    if (text === this.#schema) return;
    this.#schema = text;
    const commands = commandsOf(document);
    this.#controls.setCommands(commands);
    this.#binding.setCommands(commands);
    this.#messages.setKinds(messagesOf(document));
  }

  #showSession(session: Session): void {
    const { state, clients, client_id } = session;
    this.#clientId = client_id;
    const audience = byId('audience');
    audience.hidden = false;
    audience.title = `The session is ${state}`;
    setText(byId('audience-words'), clients === 1 ? '1 viewer' : `${clients} viewers`);
    this.#onSession(session);
  }
}
