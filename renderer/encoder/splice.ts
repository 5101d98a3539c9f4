import { SAMPLE_RATE_HZ } from './sound-piece.ts';

/** Two periods of the lowest voice fit in, and a cut of at most that is a syllable's tenth. */
const SHORTEST_CUT_SAMPLES = (SAMPLE_RATE_HZ * 5) / 1000;
const LONGEST_CUT_SAMPLES = (SAMPLE_RATE_HZ * 20) / 1000;
/** Faded from before the cut to after it. */
export const OVERLAP_SAMPLES = (SAMPLE_RATE_HZ * 10) / 1000;

/** How many samples a channel `shortened` has to see. */
export const SPLICE_SAMPLES = LONGEST_CUT_SAMPLES + OVERLAP_SAMPLES;

/**
 * Cuts some milliseconds out where they are missed least: so many that what follows is most like what was there, which in a
 * tone is a whole number of its periods (WSOLA: Verhelst and Roelands, ICASSP 1993). Begins as `samples` begin and ends as
 * they end.
 *
 * @param samples interleaved, `SPLICE_SAMPLES` a channel
 */
export function shortened(samples: Int16Array, channels: number): Int16Array<ArrayBuffer> {
  const cut = bestCut(samples, channels);
  const out = new Int16Array(samples.length - cut * channels);
  out.set(samples.subarray(cut * channels));
  for (let at = 0; at < OVERLAP_SAMPLES * channels; at += 1) {
    const share = Math.floor(at / channels) / OVERLAP_SAMPLES;
    out[at] = Math.round((samples[at] ?? 0) * (1 - share) + (samples[at + cut * channels] ?? 0) * share);
  }
  return out;
}

function bestCut(samples: Int16Array, channels: number): number {
  const overlap = OVERLAP_SAMPLES * channels;
  let [best, likest] = [SHORTEST_CUT_SAMPLES, Number.NEGATIVE_INFINITY];
  for (let cut = SHORTEST_CUT_SAMPLES; cut <= LONGEST_CUT_SAMPLES; cut += 1) {
    const from = cut * channels;
    let [product, energy] = [0, 1];
    for (let at = 0; at < overlap; at += 1) {
      const after = samples[from + at] ?? 0;
      product += (samples[at] ?? 0) * after;
      energy += after * after;
    }
    const likeness = product / Math.sqrt(energy);
    if (likeness > likest) [best, likest] = [cut, likeness];
  }
  return best;
}
