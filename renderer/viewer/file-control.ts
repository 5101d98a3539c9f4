import { type Control, type ControlOptions, UnreadableError } from './control.ts';
import { make, setText } from './element.ts';
import { formatBytes } from './format.ts';
import { objectOf, type ParameterKind } from './parameter-kind.ts';

type FileKind = Extract<ParameterKind, { kind: 'file' }>;

/** A file of this machine, as base64 (RFC 4648 section 4). */
export class FileControl implements Control {
  readonly element = make('div', 'file');
  readonly input = make('input', 'file-input');
  readonly isBusy = false;
  readonly #kind: FileKind;
  readonly #name = make('span', 'file-name');
  /** What a person has chosen here last. */
  #chosen: File | undefined;
  #content: string | undefined;
  #problem: string | undefined;

  constructor(kind: FileKind, { id, onChange }: ControlOptions) {
    this.#kind = kind;
    this.input.type = 'file';
    this.input.id = id;
    if (kind.accept !== '') this.input.accept = kind.accept;
    this.input.onchange = () => void this.#take(onChange);
    this.element.append(this.input, this.#name);
    this.show(undefined);
  }

  read(): string | undefined {
    if (this.#problem !== undefined) throw new UnreadableError(this.#problem);
    return this.#content;
  }

  /** @param value of a file that is there the host tells its size alone, `{"bytes": 1234}` */
  show(value: unknown): void {
    const bytes = objectOf(value).bytes;
    const isChosen = this.#chosen !== undefined && this.#chosen.size === bytes;
    this.#problem = undefined;
    this.#content = undefined;
    this.input.value = '';
    if (typeof bytes !== 'number' || bytes === 0) this.#chosen = undefined;
    const most = `up to ${formatBytes(this.#kind.maxBytes, Math.floor)}`;
    if (this.#chosen !== undefined && isChosen) this.#say(this.#chosen.name, this.#chosen.size);
    else if (typeof bytes === 'number' && bytes > 0) this.#say('A file', bytes);
    else setText(this.#name, `No file, ${most}`);
  }

  accept(): void {}

  refuse(held: unknown): void {
    this.show(held);
  }

  async #take(onChange: () => void): Promise<void> {
    const file = this.input.files?.[0];
    if (!file) return;
    this.#chosen = file;
    this.#content = undefined;
    this.#problem = tooLarge(file.name, file.size, this.#kind.maxBytes);
    if (this.#problem === undefined) {
      try {
        this.#content = await readBase64(file);
      } catch (cause) {
        this.#problem = `${file.name} cannot be read: ${(cause as Error).message}`;
      }
    }
    this.#say(file.name, file.size);
    onChange();
  }

  #say(name: string, bytes: number): void {
    setText(this.#name, `${name}, ${formatBytes(bytes)}`);
  }
}

/** Undefined: it fits. */
export function tooLarge(name: string, bytes: number, maxBytes: number): string | undefined {
  if (bytes <= maxBytes) return undefined;
  return `${name} has ${formatBytes(bytes, Math.ceil)}, and at most ${formatBytes(maxBytes, Math.floor)} can be sent`;
}

function readBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
