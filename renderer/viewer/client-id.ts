/** What of `Storage` is needed. */
export interface ClientStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const KEY = 'reactor-client';
const VALID = /^[A-Za-z0-9_-]{16,64}$/;

/**
 * By which the host knows this page again after a reload: it comes back to its place in the session.
 *
 * The id is in the store only while no page uses it. A browser copies a tab's storage into its duplicate, and two pages with
 * one id would put each other out without end.
 */
export class ClientId {
  readonly #store: ClientStore | undefined;
  readonly value: string;

  /**
   * @param store the tab's own, which outlives a reload; undefined where the browser forbids it
   * @param randomBytes as `crypto.getRandomValues`; `randomUUID` is missing on a page served without TLS to another machine
   */
  constructor(store: ClientStore | undefined, randomBytes: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#store = store;
    const kept = store?.getItem(KEY) ?? '';
    const bytes = new Uint8Array(16);
    randomBytes(bytes);
    this.value = VALID.test(kept) ? kept : hex(bytes);
    this.take();
  }

  /** The page is in use (again). */
  take(): void {
    this.#store?.removeItem(KEY);
  }

  /** The page goes: the next one in this tab is the same client. */
  leave(): void {
    this.#store?.setItem(KEY, this.value);
  }
}

/** `sessionStorage`, or undefined where the browser's settings forbid it. */
export function tabStore(): ClientStore | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
