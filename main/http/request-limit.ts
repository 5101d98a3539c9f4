import { RateLimit } from '../../protocol/rate-limit.ts';

/** A bucket of requests for each client: `burst` at once, then `perSecond`. */
export class RequestLimit {
  readonly #buckets = new Map<string, RateLimit>();
  readonly #burst: number;
  readonly #perSecond: number;
  /** More clients than this are forgotten, oldest first: the table must not grow with forged or many addresses. */
  static readonly #MAX_CLIENTS = 10_000;

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  allow(client: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(client) ?? new RateLimit(this.#burst, this.#perSecond);
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    if (this.#buckets.size > RequestLimit.#MAX_CLIENTS) {
      this.#buckets.delete(this.#buckets.keys().next().value as string);
    }
    return bucket.take(1, nowMs);
  }
}
