"""Every message on the way to the host and back, as declared in `protocol/*.ts`; fields keep their spelling there."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from .limits import (
    MAX_AUDIO_BITRATE_BPS,
    MAX_BITRATE_BPS,
    MAX_COMMANDS,
    MAX_ERROR_CHARS,
    MAX_MODEL_MESSAGES,
    MAX_PAYLOAD_BYTES,
    MAX_SIDE_SAMPLES,
    MAX_STEP_TIMES,
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
InteractionName = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}\Z")]
SessionId = Annotated[str, Meta(min_length=1, max_length=64)]
ClientId = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(max_length=MAX_ERROR_CHARS)]
JsonObject = dict[str, Any]
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


class Flush(Struct, tag_field="type", tag="flush", frozen=True):
    """To the host: nothing of this track of sound that came before is to be heard any more."""

    track: TrackName


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


class ProcessUsage(Struct, frozen=True):
    """Processor time of this process since its start, and what it has in memory; None where the system does not tell."""

    cpu_s: Annotated[float, Meta(ge=0)]
    resident_bytes: Count | None


class RingUsage(Struct, frozen=True):
    """Places of the ring that hold a picture, of all."""

    used: Count
    slots: Count


class ModelStats(Struct, tag_field="type", tag="model-stats", frozen=True, omit_defaults=True):
    """To the host, once a second: times are medians over that second, or the last that had any, in milliseconds.

    `step_times_ms` are those of each step in that second, the first of them where there were more.
    """

    steps: Count
    step_ms: Annotated[float, Meta(ge=0)]
    convert_ms: Annotated[float, Meta(ge=0)]
    tracks: list[TrackCounts]
    step_times_ms: Annotated[list[Annotated[float, Meta(ge=0)]], Meta(max_length=MAX_STEP_TIMES)] = []
    process: ProcessUsage | None = None
    ring: RingUsage | None = None


class CommandSpec(Struct, frozen=True):
    """Something that a viewer can ask of the model. `parameters` is a JSON Schema of type object."""

    name: InteractionName
    description: Text
    parameters: JsonObject
    state_field: Annotated[str, Meta(max_length=64)] | None
    bind: Literal["keyboard", "pointer"] | None


class MessageSpec(Struct, frozen=True):
    """Something that the model can tell viewers. `data` is a JSON Schema of type object."""

    name: InteractionName
    description: Text
    data: JsonObject


class Interface(Struct, tag_field="type", tag="interface", frozen=True):
    """To the host, after `hello`: what can be said to and by this model, and its state as it begins."""

    description: Text
    commands: Annotated[list[CommandSpec], Meta(max_length=MAX_COMMANDS)]
    messages: Annotated[list[MessageSpec], Meta(max_length=MAX_MODEL_MESSAGES)]
    state: JsonObject


class StateChanged(Struct, tag_field="type", tag="state-changed", frozen=True):
    """To the host: fields of the state that have another value now, and by which client if by one."""

    client_id: ClientId | None
    values: JsonObject


class Message(Struct, tag_field="type", tag="message", frozen=True):
    """To the host: to every client, or to one."""

    client_id: ClientId | None
    name: InteractionName
    data: JsonObject


class CommandFailure(Struct, frozen=True):
    """Why a command was refused: the parameter that was wrong, and what it broke, such as {"le": 4}."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]
    message: Text
    hint: Text
    field: Annotated[str, Meta(max_length=256)] | None
    limit: JsonObject | None


class Reply(Struct, frozen=True):
    """The message that a handler returned."""

    name: InteractionName
    data: JsonObject


class CommandDone(Struct, tag_field="type", tag="command-done", frozen=True):
    """To the host: a command has run, or was refused."""

    request_id: Count
    error: CommandFailure | None
    reply: Reply | None


class SessionEnded(Struct, tag_field="type", tag="session-ended", frozen=True):
    """To the host: the handlers of the end of this session have run."""

    session_id: SessionId


class Description(Struct, frozen=True):
    """What `--describe` prints as JSON, in one line, the last of the standard output."""

    model: Annotated[str, Meta(max_length=256)]
    tracks: Annotated[list[Track], Meta(min_length=1, max_length=MAX_TRACKS)]
    interface: Interface


ModelToHost = (
    Hello
    | Video
    | Audio
    | Flush
    | ClockPong
    | Status
    | ModelError
    | ModelStats
    | Interface
    | StateChanged
    | Message
    | CommandDone
    | SessionEnded
)


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


class Session(Struct, tag_field="type", tag="session", frozen=True):
    """From the host: a session begins or ends; the state is that of one session."""

    session_id: SessionId
    state: Literal["started", "ended"]


class Client(Struct, tag_field="type", tag="client", frozen=True):
    """From the host: a client of the session can be reached, or has gone."""

    client_id: ClientId
    connected: bool


class Command(Struct, tag_field="type", tag="command", frozen=True):
    """From the host: what a client asks, its parameters not yet looked at."""

    request_id: Count
    client_id: ClientId
    name: Annotated[str, Meta(max_length=64)]
    data: JsonObject


HostToModel = Welcome | Refused | Ack | Refresh | ClockPing | Session | Client | Command | Shutdown
