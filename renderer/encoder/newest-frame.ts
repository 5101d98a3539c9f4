/** Something that must be closed when it is not passed on, as a VideoFrame. */
export interface Closable {
  close(): void;
}

/**
 * At most one frame waits before the writer: a newer one takes its place (newest wins), for a late frame is worth nothing
 * and `write()` gives no back-pressure from the encoder behind it (ENGINE-NOTES, "Insertable tracks").
 */
export class NewestFrame<T extends Closable> {
  readonly #write: (frame: T) => Promise<void>;
  #waiting: T | undefined;
  #busy = false;
  #dropped = 0;

  /** @param write takes the frame over, also when it fails; the next frame is written after it settled */
  constructor(write: (frame: T) => Promise<void>) {
    this.#write = write;
  }

  /** Frames that were closed because a newer one came first. */
  get dropped(): number {
    return this.#dropped;
  }

  offer(frame: T): void {
    if (!this.#busy) {
      void this.#run(frame);
      return;
    }
    if (this.#waiting) {
      this.#waiting.close();
      this.#dropped += 1;
    }
    this.#waiting = frame;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting?.close();
    this.#waiting = undefined;
  }

  async #run(first: T): Promise<void> {
    this.#busy = true;
    let frame: T | undefined = first;
    while (frame) {
      // A failed write is the writer's to report; here it only means that the next frame may go.
      await this.#write(frame).catch(() => {});
      frame = this.#waiting;
      this.#waiting = undefined;
    }
    this.#busy = false;
  }
}
