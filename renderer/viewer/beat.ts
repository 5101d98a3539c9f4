/**
 * Calls at each multiple of a period of the page's clock. What has the same period, or a part of it, is called together, and the
 * browser lays out and paints once for all of it: a frame of a page with pictures and charts costs milliseconds.
 *
 * @returns what ends it
 */
export function beat(periodMs: number, call: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const next = () => {
    timer = setTimeout(
      () => {
        next();
        call();
      },
      untilBeatMs(periodMs, performance.now()),
    );
  };
  next();
  return () => clearTimeout(timer);
}

/** Until the next multiple of the period; a timer that fired a little early is not to fire twice for the same. */
export function untilBeatMs(periodMs: number, nowMs: number): number {
  const leftMs = periodMs - (nowMs % periodMs);
  return leftMs < periodMs / 10 ? leftMs + periodMs : leftMs;
}
