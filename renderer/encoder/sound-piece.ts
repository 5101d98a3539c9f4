export const SAMPLE_RATE_HZ = 48_000;
export const PIECE_MS = 10;
export const PIECE_SAMPLES = (SAMPLE_RATE_HZ * PIECE_MS) / 1000;

/** 10 ms to be written. `planes` holds one channel after the other. */
export interface SoundPiece {
  timestampUs: number;
  planes: Float32Array<ArrayBuffer>;
}
