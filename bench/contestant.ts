import type { PictureStages } from '../protocol/stats.ts';
import type { Child } from './child.ts';
import type { ClientChannel, Offer } from './viewer-page.ts';

/** A picture size and rate, as `720p30`. */
export interface Size {
  name: string;
  width: number;
  height: number;
  fps: number;
}

/** One way to deliver the bench's picture to a viewer. */
export interface Contestant {
  /** For the table, e.g. `reactor-host electron h264`. */
  name: string;
  size: Size;
  /** Viewers at once; the last to come is measured. */
  viewers: number;
  /** Video tracks. */
  tracks: number;
  /** The data channels that its client has to open before anything is sent. */
  dataChannels: ClientChannel[];
  /** Installs what it needs; not part of what is timed. @throws NotRunnable */
  prepare?(): void;
  /**
   * Starts the sender; resolves when it can take an offer.
   *
   * @param env The environment for everything it starts: marks the processes and sizes the source.
   */
  start(env: NodeJS.ProcessEnv): Promise<Sender>;
}

/** A sender that runs. */
export interface Sender {
  /** What it says of itself for the table's head: versions and choices. Empty where there is nothing to say. */
  about: string;
  /** The address of the offer is known, the answer is waited for: this is what the first picture is timed from. */
  answer(offer: Offer): Promise<string>;
  /** Where further viewers find it; only where it takes WHEP. */
  whepUrl?: string;
  /** What its own statistics say of its stages just now, in a line. */
  readonly stages?: string;
  /** What each picture took on the sender's side, as it says; empty where it says nothing. */
  readonly pictures?: readonly PictureStages[];
  /** The process that was started. */
  child: Child;
  /** Ends it as a user would. */
  stop(): Promise<void>;
}

/** A contestant that cannot run on this machine. The table says so. */
export class NotRunnable extends Error {
  override readonly name = 'NotRunnable';
}
