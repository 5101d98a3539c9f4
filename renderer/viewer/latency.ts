/** Samples older than this are no part of what is shown: the figure follows a change within it. */
const WINDOW_MS = 2_000;
/** A stamp that disagrees by more than this is of another clock (it has not been matched yet). */
const PLAUSIBLE_MS = 20_000;

/** Times from handed to the encoder until shown, frame by frame. */
export class FrameLatency {
  #samples: { atMs: number; latencyMs: number }[] = [];
  #isMeasured = false;

  /** Takes one frame's `captureTime` and time of display, both by performance.now(). */
  add(captureMs: number, shownMs: number): void {
    const latencyMs = shownMs - captureMs;
    if (!(latencyMs >= 0 && latencyMs < PLAUSIBLE_MS)) return;
    this.#isMeasured = true;
    this.#samples.push({ atMs: shownMs, latencyMs });
    this.#forget(shownMs);
  }

  /** Whether the browser tells the capture time of this stream's frames: not before the first RTCP sender report. */
  get isMeasured(): boolean {
    return this.#isMeasured;
  }

  clear(): void {
    this.#samples = [];
    this.#isMeasured = false;
  }

  /** The median of the last two seconds; null without a frame in them. */
  medianMs(nowMs: number): number | null {
    this.#forget(nowMs);
    const sorted = this.#samples.map(({ latencyMs }) => latencyMs).sort((one, other) => one - other);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
  }

  #forget(nowMs: number): void {
    this.#samples = this.#samples.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
  }
}

export interface LatencyParts {
  /** Yielded by the model until handed to the encoder, median, as the host tells; null until it does. */
  handOverMs: number | null;
  /** Handed to the encoder until shown here, median of frames; null where the browser does not tell `captureTime`. */
  frameMs: number | null;
  roundTripMs: number | null;
  /** First packet's arrival until decoded. */
  processingMs: number | null;
  /** One frame in the host's encoder, as the host tells; null until it does. */
  encodeMs: number | null;
}

export interface Latency {
  totalMs: number;
  handOverMs: number | null;
  /** Encode, network, jitter buffer, decode, display; where estimated, without display. */
  deliveryMs: number;
  isEstimated: boolean;
}

/** End to end, from the model's yield until shown, of the parts that are known; null while none of the delivery is. */
export function endToEnd(parts: LatencyParts): Latency | null {
  const { handOverMs, frameMs, roundTripMs, processingMs, encodeMs } = parts;
  // Encoding is the largest part: an estimate without it would be a handsome lie.
  const estimateMs =
    roundTripMs !== null && processingMs !== null && encodeMs !== null
      ? encodeMs + roundTripMs / 2 + processingMs
      : null;
  const deliveryMs = frameMs ?? estimateMs;
  if (deliveryMs === null) return null;
  return { totalMs: (handOverMs ?? 0) + deliveryMs, handOverMs, deliveryMs, isEstimated: frameMs === null };
}

/** What the figure includes, for its tooltip. */
export function latencyWords(latency: Latency | null): string {
  if (latency === null) return 'From the model’s yield until shown here. Measured once pictures flow.';
  const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  const host =
    latency.handOverMs === null
      ? 'The time inside the host is not known yet and not included.'
      : `${ms(latency.handOverMs)} inside the host: from the model’s yield until handed to the encoder (median).`;
  const delivery = latency.isEstimated
    ? `${ms(latency.deliveryMs)} estimated: the host’s encoding time, half the round trip, jitter buffer and decoding. This stream does not tell when a frame was captured, so display is not included.`
    : `${ms(latency.deliveryMs)} from the encoder’s input until shown here: encoding, network, jitter buffer, decoding, display (median of 2 s).`;
  return `${host} ${delivery}`;
}
