import { changeEncodings } from '../sender-encodings.ts';
import type { ConnectionRate } from '../sender-media.ts';
import { FallGuard } from './fall-guard.ts';
import { LinkClimb } from './link-climb.ts';
import { ProbePolicy } from './probe-policy.ts';
import { SentRate } from './sent-rate.ts';

export interface ViewerLinkOptions {
  /** One of the connection's video senders; its statistics are those of the link. */
  sender: RTCRtpSender;
  restartRate: (rate: ConnectionRate) => Promise<void>;
  /** Pictures are not to be sent (`true`), or again, beginning with a key frame. `linkBps` is what the link is taken for. */
  hold: (held: boolean, linkBps: number) => void;
  log: (message: string) => void;
  nowMs: () => number;
}

/** Enough of a change of `maxBitrate` for Chromium to probe. */
const PROBE_STEP_BPS = 20_000;
/** How far above the estimate to probe: a burst at 10 Mbps into the queue of an 800 kbps link costs the pictures behind it. */
const PROBE_TIMES = 2;
const PROBE_TIMES_AFTER_SUCCESS = 3;
const LEAST_PROBE_BPS = 1_000_000;
/** What a link that has just fallen is taken for, until its own figures say more. */
const FALLEN_SHARE = 0.04;
const LEAST_FALLEN_BPS = 200_000;
const MOST_FALLEN_BPS = 400_000;
/** A queue of 300 ms is full when the fall is noticed; half of it has to be gone before a key frame finds room in it. */
const HOLD_MS = 150;
/** What was on its way before still weighs on the estimate for so long, and another size then would be one more key frame. */
const SETTLE_MS = 800;
/** The descriptions are applied again only for so much more than what they allow. */
const MORE = 1.5;

/** One viewer's link: what it carries, found out early when that becomes little, and again when it becomes much. */
export class ViewerLink {
  readonly #options: ViewerLinkOptions;
  readonly #guard = new FallGuard();
  readonly #climb = new LinkClimb();
  readonly #sent = new SentRate();
  readonly #probe = new ProbePolicy();
  /** What the descriptions allow. */
  #mostBps: number;
  /** What the link is taken for while it is begun anew. */
  #heldBps: number | undefined;

  /** @param mostBps what the descriptions allow the connection in all */
  constructor(options: ViewerLinkOptions, mostBps: number) {
    this.#options = options;
    this.#mostBps = mostBps;
  }

  /**
   * Looks at the link; call it many times a second.
   *
   * @param neededBps what the viewer's tracks can use of it, everything included
   * @param mostBps the most that they could ever use, on a faster machine
   * @returns what they may use, in bits per second; undefined while there is no estimate, or no connection any more
   */
  async update(neededBps: number, mostBps: number): Promise<number | undefined> {
    const { sender, nowMs } = this.#options;
    const link = await readLink(sender);
    if (!link) return undefined;
    if (this.#heldBps !== undefined) return this.#heldBps;
    const { estimateBps, loss, sentBytes } = link;
    const now = nowMs();
    this.#sent.add(sentBytes, now);
    const lastBps = this.#climb.bps ?? estimateBps;
    const takenBps = this.#climb.update(estimateBps, this.#sent, now);
    if (this.#guard.fell(takenBps, this.#sent, now)) return this.#yield(lastBps);
    if (mostBps > MORE * this.#mostBps) {
      void this.#restart({ startBps: estimateBps, maxBps: mostBps });
      return takenBps;
    }
    const times = this.#probe.due(estimateBps, neededBps, loss, now);
    if (times) {
      const upToBps = Math.max(
        LEAST_PROBE_BPS,
        estimateBps * (times === 'again' ? PROBE_TIMES_AFTER_SUCCESS : PROBE_TIMES),
      );
      await probe(sender, Math.round(Math.min(this.#mostBps, upToBps)));
    }
    return takenBps;
  }

  /**
   * The link has fallen: its queue is full of pictures, and what overflowed is asked for again and again, more than the link
   * carries. All that is given up, and a small key frame comes next.
   */
  #yield(lastBps: number): number {
    const startBps = Math.min(MOST_FALLEN_BPS, Math.max(LEAST_FALLEN_BPS, FALLEN_SHARE * lastBps));
    this.#options.log(
      `the link has fallen: from ${Math.round(lastBps / 1000)} kbps begun anew at ${Math.round(startBps / 1000)}`,
    );
    void this.#restart({ startBps, maxBps: this.#mostBps }, lastBps);
    return startBps;
  }

  /** @param fellFromBps what the link carried before it fell; undefined where it did not */
  async #restart(rate: ConnectionRate, fellFromBps?: number): Promise<void> {
    const { restartRate, hold, nowMs, log } = this.#options;
    this.#heldBps = rate.startBps;
    this.#mostBps = rate.maxBps;
    hold(true, rate.startBps);
    await restartRate(rate).catch((error: unknown) => log(`the link was not begun anew: ${String(error)}`));
    if (fellFromBps !== undefined) await sleep(HOLD_MS);
    hold(false, rate.startBps);
    if (fellFromBps !== undefined) {
      await sleep(SETTLE_MS);
      this.#climb.begin(rate.startBps, fellFromBps, nowMs());
    }
    this.#guard.rest(nowMs());
    this.#heldBps = undefined;
  }
}

interface LinkReport {
  estimateBps: number;
  sentBytes: number;
  /** Share of packets lost, as the viewer reported it last. */
  loss: number;
}

/** Of `RTCStats`, what is read here. */
interface StatsEntry {
  type: string;
  availableOutgoingBitrate?: number;
  fractionLost?: number;
  bytesSent?: number;
  retransmittedBytesSent?: number;
}

/** `availableOutgoingBitrate`: the stand-in's own target ramps slowly and low (ENGINE-NOTES). */
async function readLink(sender: RTCRtpSender): Promise<LinkReport | undefined> {
  let estimateBps: number | undefined;
  let loss = 0;
  let sentBytes = 0;
  try {
    (await sender.getStats()).forEach((entry: StatsEntry) => {
      if (entry.type === 'candidate-pair') estimateBps = entry.availableOutgoingBitrate ?? estimateBps;
      else if (entry.type === 'remote-inbound-rtp') loss = entry.fractionLost ?? 0;
      else if (entry.type === 'outbound-rtp') {
        sentBytes = (entry.bytesSent ?? 0) - (entry.retransmittedBytesSent ?? 0);
      }
    });
  } catch {
    // The connection is gone.
  }
  return estimateBps === undefined ? undefined : { estimateBps, sentBytes, loss };
}

/** Chromium probes at once, up to the new value, when `maxBitrate` changes; it may well be the same as at the last probe. */
async function probe(sender: RTCRtpSender, upToBps: number): Promise<void> {
  await changeEncodings(sender, (encoding) => {
    encoding.maxBitrate = encoding.maxBitrate === upToBps ? upToBps - PROBE_STEP_BPS : upToBps;
    // The connection may have been closed meanwhile.
  }).catch(() => {});
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
