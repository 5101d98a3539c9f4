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

  /** Resolves when it holds, looked at now and after each event; or at the limit. */
  until(holds: () => boolean, limitMs: number): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        off();
        clearTimeout(timer);
        resolve();
      };
      const off = this.on(() => {
        if (holds()) done();
      });
      const timer = setTimeout(done, limitMs);
    });
  }
}
