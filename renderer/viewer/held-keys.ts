/** What of a KeyboardEvent is needed. */
export interface Key {
  key: string;
  code: string;
}

/** Keys that are pressed, so that each press is told once, and each release, too. */
export class HeldKeys {
  readonly #keys = new Map<string, Key>();

  /** @returns the key to tell, or undefined when it is held already: browsers repeat it */
  press({ key, code }: Key): Key | undefined {
    const id = code || key;
    if (this.#keys.has(id)) return undefined;
    const pressed = { key, code };
    this.#keys.set(id, pressed);
    return pressed;
  }

  /** @returns the key as it was pressed, since with Shift it may bear another name by now; undefined when it was not */
  release({ key, code }: Key): Key | undefined {
    const id = code || key;
    const pressed = this.#keys.get(id);
    this.#keys.delete(id);
    return pressed;
  }

  /** All that were pressed. */
  releaseAll(): Key[] {
    const all = [...this.#keys.values()];
    this.#keys.clear();
    return all;
  }
}
