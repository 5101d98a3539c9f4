/** One ping: sent and received by the asking clock, answered by the other clock in between. Microseconds. */
export interface ClockSample {
  sentUs: number;
  otherUs: number;
  receivedUs: number;
}

export interface ClockMatch {
  /** Add to the asking clock to get the other. */
  offsetUs: number;
  /** The offset is off by no more than this: half the round trip of the quickest ping. */
  errorUs: number;
}

/** Matches two clocks of one rate by the quickest round trip, as NTP does (RFC 5905 section 8). */
export function matchClocks(samples: ClockSample[]): ClockMatch {
  let best: ClockMatch | undefined;
  for (const { sentUs, otherUs, receivedUs } of samples) {
    const errorUs = (receivedUs - sentUs) / 2;
    if (!best || errorUs < best.errorUs) best = { offsetUs: otherUs - (sentUs + receivedUs) / 2, errorUs };
  }
  if (!best) throw new Error('no clock samples: the viewer page did not get an answer from the bench');
  return best;
}
