/**
 * What sound takes longer than a picture behind our buffer: 20 ms of packet, 25 to 40 of jitter buffer, Opus's look-ahead and the
 * player's pieces, less what a picture is encoded and decoded in. Measured with a flash and a beep on both engines: single ones are up to 35 ms
 * to either side of the middle, so that it has to be there.
 */
const SOUND_BEHIND_MS = 46;
/** A picture is not held for a sound that waits for a burst. */
const MOST_HELD_MS = 135;

/**
 * How long a picture waits, so that it is seen when the sound that was yielded with it is heard. Receivers could do that, but
 * we tell them to show pictures at once.
 *
 * @param soundDelayMs what sound waits in our buffer; null where nobody listens or there is none
 */
export function pictureHoldMs(soundDelayMs: number | null): number {
  if (soundDelayMs === null) return 0;
  return Math.min(MOST_HELD_MS, Math.max(0, soundDelayMs + SOUND_BEHIND_MS));
}
