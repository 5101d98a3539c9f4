/** A list of listeners for one kind of event, typed. */
export class Signal<Args extends unknown[]> {
  readonly #listeners = new Set<(...args: Args) => void>();

  /** Returns the way to stop listening. */
  on(listener: (...args: Args) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(...args: Args): void {
    for (const listener of [...this.#listeners]) listener(...args);
  }
}
