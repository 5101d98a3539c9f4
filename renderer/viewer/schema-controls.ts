import type { CommandFailure } from '../../protocol/interaction.ts';
import { ActionForm } from './action-form.ts';
import type { CommandSender } from './command-sender.ts';
import { make } from './element.ts';
import { FailureView } from './failure-view.ts';
import type { ModelCommand } from './model-schema.ts';
import { StateField } from './state-field.ts';

/** Nothing tells when the next key is taken again. */
const REFUSED_MS = 6_000;

/** The controls of a model, made from its schema: fields of its state, actions, and what is bound to the picture. */
export class SchemaControls {
  readonly #panel: HTMLElement;
  readonly #sender: Pick<CommandSender, 'call'>;
  readonly #fields = new Map<string, StateField>();
  readonly #bound = new Map<string, FailureView>();
  /** The last told, also for controls that are made later. */
  #values: Record<string, unknown> = {};

  constructor(panel: HTMLElement, sender: Pick<CommandSender, 'call'>) {
    this.#panel = panel;
    this.#sender = sender;
  }

  /** Makes all controls anew. */
  setCommands(commands: readonly ModelCommand[]): void {
    this.#fields.clear();
    this.#bound.clear();
    const fields = new ControlsCard('Controls', 'fields');
    const actions = new ControlsCard('Actions', 'actions');
    const bound = new ControlsCard('Bound to the picture', 'bound-commands');
    for (const command of commands) {
      const parameter = command.parameters.find(({ name }) => name === command.stateField);
      if (command.bind) bound.rows.append(this.#boundRow(command));
      else if (parameter) {
        const field = new StateField(command, parameter, (value) =>
          this.#sender.call(command.name, { [parameter.name]: value }),
        );
        this.#fields.set(field.name, field);
        fields.rows.append(field.element);
      } else {
        const form = new ActionForm(command, (data) => this.#sender.call(command.name, data));
        actions.rows.append(form.element);
      }
    }
    const cards = [fields, actions, bound].filter(({ rows }) => rows.childElementCount > 0);
    this.#panel.replaceChildren(...cards.map(({ element }) => element));
    this.#panel.hidden = cards.length === 0;
    this.setValues(this.#values, false);
  }

  /** @param isOwn this page asked for it */
  setValues(values: Record<string, unknown>, isOwn: boolean): void {
    Object.assign(this.#values, values);
    for (const [name, value] of Object.entries(values)) this.#fields.get(name)?.setValue(value, isOwn);
  }

  /** A command that nobody waits for, from the keyboard or the pointer, was refused. */
  refused(command: string, failure: CommandFailure): void {
    this.#bound.get(command)?.showFor(failure, REFUSED_MS);
  }

  #boundRow({ name, label, description, bind }: ModelCommand): HTMLElement {
    const row = make('div', 'control');
    const head = make('div', 'control-head');
    head.append(make('h3', 'control-label', label), make('span', 'chip', bind ?? ''));
    const failure = new FailureView(`bound-${name}-failure`);
    this.#bound.set(name, failure);
    row.dataset.command = name;
    row.append(head);
    if (description !== '') row.append(make('p', 'control-words', description));
    row.append(failure.element);
    return row;
  }
}

class ControlsCard {
  readonly element: HTMLElement;
  readonly rows = make('div', 'card-rows');

  constructor(title: string, className: string) {
    this.element = make('div', `card ${className}`);
    const head = make('div', 'card-head');
    head.append(make('h2', '', title));
    this.element.append(head, this.rows);
  }
}
