import type { VideoMessage } from '../../protocol/media.ts';

/** Reads pictures out of the shared ring; see ring-client.ts. */
export interface RingReader {
  /** A copy of the first `bytes` bytes of a slot. */
  read(slot: number, bytes: number): Promise<ArrayBuffer>;
}

/**
 * ITU-R BT.601 limited range, as Python's converter writes it. WebCodecs' encoders write that into the stream itself (VP9, H.264
 * and AV1; VP8 has nothing else), and Chromium 153 and 156 also tell receivers by RTP header extension (color-space). Only the
 * native encoders of 114 (Electron 25) tell nothing: receivers then take BT.709 for all codecs but VP8.
 */
export const COLOUR: VideoColorSpaceInit = {
  matrix: 'smpte170m',
  primaries: 'smpte170m',
  transfer: 'smpte170m',
  fullRange: false,
};

/** `transfer` takes the memory over instead of copying it; not in the type package yet. */
type FrameInit = VideoFrameBufferInit & { transfer: ArrayBuffer[] };

/**
 * Turns a message into a VideoFrame, from the ring's slot or from its payload. Once it resolves the bytes are taken: the
 * slot may be written again.
 *
 * @throws TypeError for a payload that is too short for its size
 */
export async function videoFrameOf(
  message: VideoMessage,
  payload: Uint8Array,
  ring: RingReader | undefined,
): Promise<VideoFrame> {
  if (message.slot === null) return makeFrame(message, payload);
  if (!ring) throw new TypeError('a picture in the ring, and this page has no preload to read it');
  return makeFrame(message, new Uint8Array(await ring.read(message.slot, message.bytes)));
}

function makeFrame(message: VideoMessage, bytes: Uint8Array): VideoFrame {
  const { format, width, height, coded_width, coded_height, capture_us } = message;
  const init: FrameInit = {
    format: format === 'nv12' ? 'NV12' : 'I420',
    codedWidth: coded_width,
    codedHeight: coded_height,
    // Odd sizes: the padding is cut off here, and brought back where a codec has even sizes only (shared-encoder.ts).
    visibleRect: { x: 0, y: 0, width, height },
    timestamp: capture_us,
    colorSpace: COLOUR,
    transfer: [bytes.buffer as ArrayBuffer],
  };
  return new VideoFrame(bytes as Uint8Array<ArrayBuffer>, init);
}
