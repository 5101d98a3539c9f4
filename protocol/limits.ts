/**
 * Limits of everything that crosses a process or the network, in one place so that both ends agree.
 *
 * @packageDocumentation
 */

/** Raised when a change makes old and new parts misunderstand each other. Sent in `hello`, refused when different. */
export const PROTOCOL_VERSION = 2;

/** The largest msgpack header. A `hello` with 64 named tracks is under 8 KiB, a large SDP about 60 KiB. */
export const MAX_HEADER_BYTES = 1024 * 1024;

/** The largest payload: one 8K I420 frame is 7680 * 4320 * 1.5 = 49,766,400 bytes, rounded up to the ring's slot. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** The largest message, for WebSocket's `maxPayload`: the length field, the header and the payload. */
export const MAX_MESSAGE_BYTES = 4 + MAX_HEADER_BYTES + MAX_PAYLOAD_BYTES;

/** The largest side of a picture, in samples: 16-bit fields in VP8 and VP9 key frames (RFC 6386 section 9.1: 14 bits). */
export const MAX_SIDE_SAMPLES = 16_383;

/** The most named tracks a model can declare. Each is an m-line of every viewer's offer. */
export const MAX_TRACKS = 64;

/** The largest SDP accepted from a viewer: a browser's offer with 64 m-lines is about 250 KiB. */
export const MAX_SDP_BYTES = 512 * 1024;

/** The largest message of a viewer on its data channel: a prompt of many pages is far below. */
export const MAX_CHANNEL_MESSAGE_CHARS = 256 * 1024;

/** Messages of a viewer on its data channel: so many at once, then so many a second. A pointer sends 60 to 120 a second. */
export const CHANNEL_BURST_MESSAGES = 200;
export const CHANNEL_MESSAGES_PER_SECOND = 200;

/** Of all viewers together, passed on to the model: a crowd must not keep host and model from the pictures. */
export const VIEWERS_MESSAGES_PER_SECOND = 2000;

/** Objects and lists inside each other, in what viewers and models say: msgpack readers are recursive. OpenAPI needs 20. */
export const MAX_JSON_DEPTH = 64;

/** The most commands and kinds of message of a model: each is a control or a section of its schema. */
export const MAX_COMMANDS = 256;
export const MAX_MODEL_MESSAGES = 256;

/** The largest message of a model to its viewers, as JSON: Chromium takes 256 KiB on a data channel, with what is around it. */
export const MAX_MODEL_MESSAGE_BYTES = 200 * 1024;

/** Step times of a model in one `model-stats`: more steps a second than any display shows. */
export const MAX_STEP_TIMES = 256;

/** Video frames of one track on the way at once: one being written, one being handed over. */
export const VIDEO_WINDOW_FRAMES = 2;

/** Audio of one track that may be sent and not yet played out, in microseconds. Then `emit` waits. */
export const AUDIO_WINDOW_US = 2_000_000;

/** What Opus encodes (RFC 7587 section 6.1). */
export const MIN_AUDIO_BITRATE_BPS = 6_000;
export const MAX_AUDIO_BITRATE_BPS = 510_000;

/** Of configured video bitrates: below 10 kbps no codec shows anything, and a wrong unit is likelier. */
export const MIN_BITRATE_BPS = 10_000;
export const MAX_BITRATE_BPS = 1_000_000_000;

/** Of a track beside others. */
export const MIN_TRACK_WEIGHT = 0.01;
export const MAX_TRACK_WEIGHT = 100;
