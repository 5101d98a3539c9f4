"""Limits of everything that crosses a process: the same numbers, for the same reasons, as `protocol/limits.ts`."""

PROTOCOL_VERSION = 1
MAX_HEADER_BYTES = 1024 * 1024
MAX_PAYLOAD_BYTES = 64 * 1024 * 1024
MAX_MESSAGE_BYTES = 4 + MAX_HEADER_BYTES + MAX_PAYLOAD_BYTES
MAX_SIDE_SAMPLES = 16_383
MAX_TRACKS = 64
MAX_TRACK_NAME_CHARS = 64
MAX_TRACEBACK_CHARS = 65_536
MAX_ERROR_CHARS = 8192

WIRE_SAMPLE_RATE_HZ = 48_000
# An audio message may hold up to 10 s; half a second keeps the host's credit moving while a long piece is sent.
AUDIO_PIECE_SAMPLES = WIRE_SAMPLE_RATE_HZ // 2
# What Opus encodes (RFC 7587 section 6.1).
MIN_AUDIO_BITRATE_BPS = 6_000
MAX_AUDIO_BITRATE_BPS = 510_000
MIN_BITRATE_BPS = 10_000
MAX_BITRATE_BPS = 1_000_000_000
MIN_TRACK_WEIGHT = 0.01
MAX_TRACK_WEIGHT = 100
