"""Every message on the way to the host and back, as declared in `protocol/*.ts`; fields keep their spelling there."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .limits import (
    MAX_AUDIO_BITRATE_BPS,
    MAX_BITRATE_BPS,
    MAX_ERROR_CHARS,
    MAX_PAYLOAD_BYTES,
    MAX_SIDE_SAMPLES,
    MAX_TRACEBACK_CHARS,
    MAX_TRACK_WEIGHT,
    MAX_TRACKS,
    MIN_AUDIO_BITRATE_BPS,
    MIN_BITRATE_BPS,
    MIN_TRACK_WEIGHT,
)

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(gt=0)]
StampUs = Annotated[int, Meta(ge=0)]
Side = Annotated[int, Meta(ge=1, le=MAX_SIDE_SAMPLES)]
EvenSide = Annotated[int, Meta(ge=1, le=MAX_SIDE_SAMPLES, multiple_of=2)]
TrackName = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z")]
Bitrate = Annotated[int, Meta(ge=MIN_BITRATE_BPS, le=MAX_BITRATE_BPS)]
PayloadWay = Literal["ring", "inline"]
ModelState = Literal["loading", "running", "idle", "ended"]


class VideoTrack(Struct, tag_field="kind", tag="video", frozen=True, omit_defaults=True):
    """One named video output. `fps` is what the model aims at; the rest is as in VideoOptions."""

    name: TrackName
    fps: Annotated[float, Meta(gt=0, le=1000)]
    start_bitrate_bps: Bitrate | None = None
    min_bitrate_bps: Bitrate | None = None
    max_bitrate_bps: Bitrate | None = None
    content: Literal["motion", "detail"] = "motion"
    weight: Annotated[float, Meta(ge=MIN_TRACK_WEIGHT, le=MAX_TRACK_WEIGHT)] = 1.0


class AudioTrack(Struct, tag_field="kind", tag="audio", frozen=True, omit_defaults=True):
    """One named audio output, as it is on the wire (what the model yields is resampled before)."""

    name: TrackName
    sample_rate: Literal[48_000]
    channels: Literal[1, 2]
    bitrate_bps: Annotated[int, Meta(ge=MIN_AUDIO_BITRATE_BPS, le=MAX_AUDIO_BITRATE_BPS)] | None = None


Track = VideoTrack | AudioTrack


class ErrorInfo(Struct, frozen=True):
    """What went wrong, for a person."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]
    message: Annotated[str, Meta(max_length=MAX_ERROR_CHARS)]
    hint: Annotated[str, Meta(max_length=MAX_ERROR_CHARS)]


class Hello(Struct, tag_field="type", tag="hello", frozen=True):
    """To the host, first message."""

    role: Literal["model"]
    version: Count
    package_version: Annotated[str, Meta(max_length=64)]
    model: Annotated[str, Meta(max_length=256)]
    pid: Count
    payloads: Annotated[list[PayloadWay], Meta(min_length=1)]
    tracks: Annotated[list[Track], Meta(min_length=1, max_length=MAX_TRACKS)]

    def __post_init__(self) -> None:
        if len({track.name for track in self.tracks}) != len(self.tracks):
            raise ValueError("track names differ")


class Video(Struct, tag_field="type", tag="video", frozen=True):
    """To the host: one picture, in a slot of the ring or as the payload."""

    track: TrackName
    seq: Count
    capture_us: StampUs
    sent_us: StampUs
    format: Literal["i420", "nv12"]
    width: Side
    height: Side
    coded_width: EvenSide
    coded_height: EvenSide
    dropped: Count
    slot: Count | None
    bytes: Annotated[int, Meta(ge=1, le=MAX_PAYLOAD_BYTES)]


class Audio(Struct, tag_field="type", tag="audio", frozen=True):
    """To the host: a piece of sound, int16 little-endian and interleaved in the payload."""

    track: TrackName
    seq: Count
    capture_us: StampUs
    sent_us: StampUs
    format: Literal["s16"]
    sample_rate: Literal[48_000]
    channels: Literal[1, 2]
    samples: Annotated[int, Meta(ge=1, le=480_000)]


class ClockPong(Struct, tag_field="type", tag="clock-pong", frozen=True):
    """To the host, at once on a `clock-ping`: `model_us` is by the clock of `capture_us`."""

    id: Count
    encoder_us: StampUs
    model_us: StampUs


class Status(Struct, tag_field="type", tag="status", frozen=True):
    """To the host: where the model stands."""

    state: ModelState


class ModelError(Struct, tag_field="type", tag="model-error", frozen=True):
    """To the host: an error of the author's code. `fatal`: starting again cannot help."""

    error: ErrorInfo
    fatal: bool
    traceback: Annotated[str, Meta(max_length=MAX_TRACEBACK_CHARS)]


class TrackCounts(Struct, frozen=True):
    """Pictures, or pieces of sound, of one track since the start."""

    name: str
    emitted: Count
    sent: Count
    dropped: Count


class ModelStats(Struct, tag_field="type", tag="model-stats", frozen=True):
    """To the host, once a second: times are medians over that second, or the last that had any, in milliseconds."""

    steps: Count
    step_ms: Annotated[float, Meta(ge=0)]
    convert_ms: Annotated[float, Meta(ge=0)]
    tracks: list[TrackCounts]


ModelToHost = Hello | Video | Audio | ClockPong | Status | ModelError | ModelStats


class RingFile(Struct, frozen=True):
    """The shared file: slot i begins at byte i * slot_bytes."""

    path: Annotated[str, Meta(min_length=1)]
    slot_bytes: Positive
    slots: Positive


class Welcome(Struct, tag_field="type", tag="welcome", frozen=True):
    """From the host, the answer to `hello`. `ring` is None where pictures travel inside the message."""

    version: int
    ring: RingFile | None
    video_window_frames: Positive
    audio_window_us: Positive


class Refused(Struct, tag_field="type", tag="refused", frozen=True):
    """From the host: the connection is refused and closes after this."""

    error: ErrorInfo


class Ack(Struct, tag_field="type", tag="ack", frozen=True):
    """From the host: everything of this track up to `seq` is taken."""

    track: TrackName
    seq: Count


class Refresh(Struct, tag_field="type", tag="refresh", frozen=True):
    """From the host: send the newest picture of each track again."""


class ClockPing(Struct, tag_field="type", tag="clock-ping", frozen=True):
    """From the host: asks for this machine's clock."""

    id: Count
    encoder_us: StampUs


class Shutdown(Struct, tag_field="type", tag="shutdown", frozen=True):
    """From the host: end yourself."""


HostToModel = Welcome | Refused | Ack | Refresh | ClockPing | Shutdown
