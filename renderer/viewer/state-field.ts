import type { CommandOutcome } from './command-sender.ts';
import { UnreadableError } from './control.ts';
import { ControlRow } from './control-row.ts';
import { ownFailure } from './failure-view.ts';
import { LatestSender } from './latest-sender.ts';
import type { ModelCommand } from './model-schema.ts';
import type { Parameter } from './parameter-kind.ts';

/**
 * A field of the model's state: what is chosen here is sent at once, and what another viewer or the model has chosen is shown,
 * but for as long as a person types or drags here, or an answer is awaited.
 */
export class StateField {
  readonly name: string;
  readonly #row: ControlRow;
  readonly #sender: LatestSender<unknown>;
  /** What holds, as the host has told; undefined before it has. */
  #held: unknown;
  /** What holds is not what is shown. */
  #isNews = false;

  /** @param call sends the field's command with this value */
  constructor(
    command: ModelCommand,
    parameter: Parameter,
    call: (value: unknown) => Promise<CommandOutcome>,
  ) {
    this.name = parameter.name;
    // Of the command itself nothing is said that the label does not say.
    this.#row = new ControlRow(command.name, parameter, parameter.description, {
      isInForm: false,
      onChange: () => this.#changed(),
      onRest: () => this.#look(),
    });
    this.#sender = new LatestSender(call, (value, outcome) => this.#settled(value, outcome));
    this.#row.control.show(parameter.defaultValue);
  }

  get element(): HTMLElement {
    return this.#row.element;
  }

  /** @param isOwn this page asked for it */
  setValue(value: unknown, isOwn: boolean): void {
    const isOther = this.#held !== undefined && JSON.stringify(this.#held) !== JSON.stringify(value);
    this.#held = value;
    this.#isNews = true;
    const isShown = this.#look();
    if (isShown && isOther && !isOwn) this.#row.flash();
  }

  #changed(): void {
    const { control } = this.#row;
    try {
      const value = control.read();
      // An empty box is a value on its way.
      if (value === undefined) throw new UnreadableError('a value is missing');
      this.#sender.push(value);
    } catch (thrown) {
      if (!(thrown instanceof UnreadableError)) throw thrown;
      this.#row.refuse(ownFailure('no-value', thrown.message, this.name));
    }
  }

  #settled(value: unknown, outcome: CommandOutcome): void {
    const { control } = this.#row;
    if (outcome === null) {
      this.#row.clearFailure();
      control.accept(value);
      // The host tells what has changed before it answers. Nothing told: the model keeps what it had, whatever was sent.
      this.#isNews = this.#held !== undefined;
      this.#look();
      return;
    }
    this.#isNews = false;
    if (this.#held !== undefined) control.refuse(this.#held);
    this.#row.refuse(outcome);
  }

  /** @returns whether it shows now what holds */
  #look(): boolean {
    const { control } = this.#row;
    if (!this.#isNews || control.isBusy || this.#sender.isBusy) return false;
    this.#isNews = false;
    control.show(this.#held);
    this.#row.clearFailure();
    return true;
  }
}
