/** Round trips kept: with one a second, drift of 100 ppm moves the clocks by 1.6 ms over the window. */
const WINDOW = 16;

/**
 * Matches the model's clock with the page's. As in NTP (RFC 5905 section 8), the round trip with the least delay among the
 * recent ones tells the offset best: what is lost is at most half of that delay.
 */
export class ClockMatch {
  #trips: { offsetUs: number; roundTripUs: number }[] = [];

  /**
   * @param encoderUs page clock when asked
   * @param modelUs model clock when it answered
   * @param nowUs page clock when the answer came
   */
  add(encoderUs: number, modelUs: number, nowUs: number): void {
    const roundTripUs = nowUs - encoderUs;
    if (roundTripUs < 0) return;
    this.#trips.push({ offsetUs: modelUs - (encoderUs + nowUs) / 2, roundTripUs });
    if (this.#trips.length > WINDOW) this.#trips.shift();
  }

  /** Another model process may run on another machine, with another clock. */
  reset(): void {
    this.#trips = [];
  }

  /** Model clock minus page clock in microseconds; null until the first answer. */
  get offsetUs(): number | null {
    const [first, ...rest] = this.#trips;
    if (!first) return null;
    return rest.reduce((best, each) => (each.roundTripUs < best.roundTripUs ? each : best), first).offsetUs;
  }
}
