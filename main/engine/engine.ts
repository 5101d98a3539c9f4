import type { RingShape } from '../../protocol/hello.ts';
import type { RunningProcess } from '../process-usage.ts';
import type { Signal } from '../signal.ts';

export type EngineName = 'electron' | 'chromium';

/** What the encoder page needs to find its host; it travels in the fragment, which is in no log and no argv. */
export interface EncoderAddress {
  /** `ws://127.0.0.1:PORT/encoder`. */
  wsUrl: string;
  secret: string;
  /** `http://127.0.0.1:PORT`, where the page is loaded from. */
  origin: string;
  /** The page is to make a ring file like this. */
  ring?: RingShape;
}

/** A browser that runs the encoder page. */
export interface Engine {
  readonly name: EngineName;
  /** The page is gone (crashed, closed); the host decides to open it again. */
  readonly pageLost: Signal<[reason: string]>;
  /** The browser itself is gone. */
  readonly ended: Signal<[reason: string]>;
  /** Starts what is not running and opens the page. */
  start(address: EncoderAddress): Promise<void>;
  /** Closes the page, whatever its state, and opens a new one. */
  reopen(): Promise<void>;
  /** Where the ring file is that the page has made, by its token; undefined when it is not found. */
  findRing?(token: string): string | undefined;
  /** The browser's processes besides the host's own, with what the browser knows of their use. */
  processes(): Promise<RunningProcess[]>;
  stop(): Promise<void>;
}

export function encoderFragment({ wsUrl, secret, ring }: EncoderAddress): string {
  return encodeURIComponent(JSON.stringify({ wsUrl, secret, ring }));
}
