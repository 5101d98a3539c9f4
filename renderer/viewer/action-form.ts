import type { CommandFailure } from '../../protocol/interaction.ts';
import type { CommandOutcome } from './command-sender.ts';
import { UnreadableError } from './control.ts';
import { ControlRow } from './control-row.ts';
import { make } from './element.ts';
import { FailureView, ownFailure } from './failure-view.ts';
import type { ModelCommand } from './model-schema.ts';
import type { Parameter } from './parameter-kind.ts';

/** How long a button says that its command has run. */
const DONE_MS = 1_200;

interface Field {
  parameter: Parameter;
  row: ControlRow;
  isTouched: boolean;
}

/** A command that does something: a button, with a small form for its parameters. */
export class ActionForm {
  readonly element = make('form', 'action');
  readonly #command: ModelCommand;
  readonly #call: (data: Record<string, unknown>) => Promise<CommandOutcome>;
  readonly #fields: Field[];
  readonly #button: HTMLButtonElement;
  readonly #failure: FailureView;
  #done: ReturnType<typeof setTimeout> | undefined;
  #isRunning = false;

  constructor(command: ModelCommand, call: (data: Record<string, unknown>) => Promise<CommandOutcome>) {
    this.#command = command;
    this.#call = call;
    this.#fields = command.parameters.map((parameter) => this.#field(parameter));
    this.#failure = new FailureView(`action-${command.name}-failure`);
    this.#button = make('button', 'button act', command.label);
    this.#button.type = 'submit';
    this.#button.setAttribute('aria-describedby', this.#failure.element.id);
    this.element.dataset.command = command.name;
    this.element.noValidate = true;
    if (this.#fields.length > 0) {
      const [only, ...others] = this.#fields;
      const isLine =
        only?.parameter.kind.kind === 'text' && !only.parameter.kind.isLong && others.length === 0;
      this.element.classList.add('with-fields');
      this.element.classList.toggle('line', isLine);
      this.element.setAttribute('aria-label', command.label);
      if (command.description !== '') this.element.append(make('p', 'control-words', command.description));
    } else {
      this.#button.title = command.description;
    }
    this.element.append(...this.#fields.map(({ row }) => row.element), this.#button, this.#failure.element);
    this.element.onsubmit = (event) => {
      event.preventDefault();
      void this.#run();
    };
  }

  #field(parameter: Parameter): Field {
    const row = new ControlRow(this.#command.name, parameter, parameter.description, {
      isInForm: true,
      onChange: () => {
        field.isTouched = true;
        row.clearFailure();
      },
      onRest: () => {},
    });
    const field: Field = { parameter, row, isTouched: false };
    row.control.show(parameter.defaultValue);
    return field;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    const data = this.#read();
    if (data === undefined) return;
    this.#isRunning = true;
    this.#setState('busy');
    const outcome = await this.#call(data);
    this.#isRunning = false;
    this.#setState(outcome === null ? 'done' : '');
    if (outcome !== null) this.#refuse(outcome);
    else this.#clearTexts();
  }

  /** Undefined: something is missing, and is said to be. */
  #read(): Record<string, unknown> | undefined {
    this.#failure.clear();
    const data: Record<string, unknown> = {};
    let first: ControlRow | undefined;
    for (const { parameter, row, isTouched } of this.#fields) {
      row.clearFailure();
      const isLeftOut = !parameter.isRequired && !isTouched && parameter.defaultValue === undefined;
      if (isLeftOut) continue;
      try {
        const value = row.control.read();
        if (value !== undefined) data[parameter.name] = value;
        else if (parameter.isRequired) throw new UnreadableError(`${parameter.label} is missing`);
      } catch (thrown) {
        if (!(thrown instanceof UnreadableError)) throw thrown;
        row.refuse(ownFailure('no-value', thrown.message, parameter.name));
        first ??= row;
      }
    }
    first?.control.input.focus();
    return first ? undefined : data;
  }

  #refuse(failure: CommandFailure): void {
    // A path such as `points[0].x` belongs to the parameter that it begins with.
    const name = failure.field?.split(/[.[]/)[0];
    const field = this.#fields.find(({ parameter }) => parameter.name === name);
    if (field) field.row.refuse(failure);
    else this.#failure.show(failure);
  }

  /** What was said is said; a number or a choice is more likely to be meant again. */
  #clearTexts(): void {
    for (const field of this.#fields) {
      const { kind, ...rest } = field.parameter;
      if (kind.kind !== 'text' || rest.defaultValue !== undefined) continue;
      field.row.control.show(undefined);
      field.isTouched = false;
    }
  }

  #setState(state: 'busy' | 'done' | ''): void {
    clearTimeout(this.#done);
    this.#button.dataset.state = state;
    if (state === 'done') this.#done = setTimeout(() => this.#setState(''), DONE_MS);
  }
}
