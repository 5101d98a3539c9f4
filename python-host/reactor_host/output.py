"""What a model yields: a class whose fields are tracks."""

from __future__ import annotations

import re
import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Protocol, Union, cast

import numpy as np
import numpy.typing as npt
from typing_extensions import Self, dataclass_transform

from .errors import DeclarationError, TrackError
from .limits import (
    MAX_AUDIO_BITRATE_BPS,
    MAX_BITRATE_BPS,
    MAX_TRACK_NAME_CHARS,
    MAX_TRACK_WEIGHT,
    MAX_TRACKS,
    MIN_AUDIO_BITRATE_BPS,
    MIN_BITRATE_BPS,
    MIN_TRACK_WEIGHT,
    WIRE_SAMPLE_RATE_HZ,
)
from .messages import AudioTrack, Track, VideoTrack

_TRACK_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
# soxr takes any ratio; below telephone quality and above studio quality a wrong unit (kHz, bits/s) is likelier.
_LOWEST_RATE_HZ = 4_000
_HIGHEST_RATE_HZ = 384_000


class ArrayData(Protocol):
    """A NumPy array or anything NumPy can read as one, such as a PyTorch tensor (a CUDA tensor is copied over)."""

    def __array__(self) -> npt.NDArray[Any]: ...


@dataclass(frozen=True)
class VideoOptions:
    """How a video track is declared: `Annotated[Video, VideoOptions(fps=10)]`.

    fps: pictures a second that viewers are told to expect; None takes the model's `fps`. It does not pace the track:
        pictures leave with the step that brought them.
    start_bitrate_bps, min_bitrate_bps, max_bitrate_bps: in bits per second; None takes the host's. The host's maximum
        holds all the same.
    content: what is given up where the link is too narrow. "motion" keeps the rate of pictures and sends smaller ones;
        "detail" keeps their size and sends fewer, 5 a second at least (text, plans, anything to be read).
    weight: share of a narrow link beside the session's other video tracks, from 0.01 to 100; sizes count besides.
    """

    fps: float | None = None
    start_bitrate_bps: int | None = None
    min_bitrate_bps: int | None = None
    max_bitrate_bps: int | None = None
    content: Literal["motion", "detail"] = "motion"
    weight: float = 1.0


@dataclass(frozen=True)
class AudioOptions:
    """How an audio track is declared: `Annotated[Audio, AudioOptions(sample_rate=16_000, channels=1)]`.

    sample_rate: of what the model yields, in Hz; it is resampled to the 48 kHz of WebRTC.
    channels: of what viewers get. With 2 (the default) mono sound is heard on both sides; with 1 stereo is an error.
    bitrate_bps: of Opus, in bits per second, from 6000 to 510000; None takes the host's (half of it with one channel).
    """

    sample_rate: int = WIRE_SAMPLE_RATE_HZ
    channels: Literal[1, 2] = 2
    bitrate_bps: int | None = None


Video = Annotated[ArrayData, VideoOptions()]
"""A video track: uint8 RGB of shape (H, W, 3), or a batch (N, H, W, 3) in display order. The size may change."""

Audio = Annotated[ArrayData, AudioOptions()]
"""An audio track: int16, or float from -1.0 to 1.0, of shape (samples,) or (channels, samples). See AudioOptions."""


@dataclass(frozen=True)
class TrackField:
    """One declared track of an Output class."""

    name: str
    options: VideoOptions | AudioOptions
    optional: bool

    @property
    def kind(self) -> Literal["video", "audio"]:
        return "video" if isinstance(self.options, VideoOptions) else "audio"

    def announce(self, model_fps: float) -> Track:
        """How the host is told of it."""
        if isinstance(self.options, VideoOptions):
            options = self.options
            return VideoTrack(
                name=self.name,
                fps=float(options.fps or model_fps),
                start_bitrate_bps=options.start_bitrate_bps,
                min_bitrate_bps=options.min_bitrate_bps,
                max_bitrate_bps=options.max_bitrate_bps,
                content=options.content,
                weight=float(options.weight),
            )
        return AudioTrack(
            name=self.name,
            sample_rate=48_000,
            channels=self.options.channels,
            bitrate_bps=self.options.bitrate_bps,
        )


@dataclass_transform()
class Output:
    """Base of a model's outputs. Each field is a track of that name; `@dataclass` may be added, and need not be.

    ```python
    class Frame(Output):
        main_video: Video
        main_audio: Audio | None = None  # may be missing in a step
    ```

    Fields are `Video`, `Audio` or `Annotated[...]` of them, with `| None` when a step may come without.
    Errors: DeclarationError when the class is made; TrackError, naming the track, for a value of an undeclared one.
    """

    _track_fields: ClassVar[dict[str, TrackField] | None] = None
    _init_names: ClassVar[frozenset[str] | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._track_fields = None
        try:
            cls._track_fields = _declared(cls)
        except NameError:
            # A forward reference: names of the module are complete when the model is looked at.
            pass

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        fields = track_fields(cls)
        accepted = _accepted_names(cls)
        if accepted is not None:
            for name in kwargs:
                if name not in accepted:
                    raise _unknown_track(cls, name, fields)
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fields = track_fields(type(self))
        if len(args) > len(fields):
            raise TrackError(
                "unknown-track",
                f"{type(self).__name__}: got {len(args)} values for {len(fields)} tracks",
                f"its tracks are {', '.join(fields)}",
            )
        values: dict[str, Any] = {**dict(zip(fields, args, strict=False)), **kwargs}
        for name, field in fields.items():
            if name not in values:
                if not hasattr(type(self), name) and not field.optional:
                    raise missing_track(type(self).__name__, name)
                values[name] = getattr(type(self), name, None)
            setattr(self, name, values[name])

    def __setattr__(self, name: str, value: Any) -> None:
        fields = track_fields(type(self))
        if name not in fields and not name.startswith("_"):
            raise _unknown_track(type(self), name, fields)
        super().__setattr__(name, value)


def track_fields(cls: type[Output]) -> dict[str, TrackField]:
    """The declared tracks of an Output class, in order. Raises DeclarationError."""
    if cls._track_fields is None:
        try:
            cls._track_fields = _declared(cls)
        except NameError as error:
            raise DeclarationError(
                "bad-declaration",
                f"{cls.__name__}: a field's type cannot be found: {error}",
                "import it at the top of the file, outside `if TYPE_CHECKING`",
            ) from None
    return cls._track_fields


def missing_track(owner: str, name: str) -> TrackError:
    """The error for a required track that has no value in a step."""
    return TrackError(
        "missing-track",
        f"{name}: got None, expected a value in every {owner}",
        f"give {name} an array, or declare it `{name}: Video | None = None` (or Audio) if steps may come without it",
    )


def _unknown_track(cls: type, name: str, fields: dict[str, TrackField]) -> TrackError:
    return TrackError(
        "unknown-track",
        f"{cls.__name__} has no track {name!r}; it declares {', '.join(fields) or 'none'}",
        f"add `{name}: Video` (or Audio) to {cls.__name__}, or correct the name",
    )


def _accepted_names(cls: type[Output]) -> frozenset[str] | None:
    """The keywords of the class's own __init__; None when it takes any (Output's own checks them itself)."""
    if "_init_names" not in cls.__dict__:
        code = getattr(cls.__init__, "__code__", None)
        if cls.__init__ is Output.__init__:
            cls._init_names = frozenset(track_fields(cls))
        elif code is None or code.co_flags & 0x08:  # CO_VARKEYWORDS
            cls._init_names = None
        else:
            cls._init_names = frozenset(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])
    return cls._init_names


def _declared(cls: type[Output]) -> dict[str, TrackField]:
    fields: dict[str, TrackField] = {}
    for name, hint in typing.get_type_hints(cls, include_extras=True).items():
        if name.startswith("_") or typing.get_origin(hint) is ClassVar or hint is ClassVar:
            continue
        fields[name] = _field(cls.__name__, name, hint)
    if len(fields) > MAX_TRACKS:
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}: got {len(fields)} tracks, expected at most {MAX_TRACKS}",
            "put several pictures into one",
        )
    return fields


def _field(owner: str, name: str, hint: Any) -> TrackField:
    where = f"{owner}.{name}"
    if not _TRACK_NAME.fullmatch(name) or len(name) > MAX_TRACK_NAME_CHARS:
        raise DeclarationError(
            "bad-declaration",
            f"{where}: a track name has at most {MAX_TRACK_NAME_CHARS} letters a-z, digits and underscores",
            "viewers see the name in SDP, where other letters are not allowed",
        )
    optional, marks = _marks(hint)
    if not marks:
        shown = getattr(hint, "__name__", None) or str(hint)
        raise DeclarationError(
            "bad-declaration",
            f"{where}: got {shown}, expected Video or Audio",
            f"write `{name}: Video` or `{name}: Audio`; a field that is no track starts with an underscore",
        )
    if len({type(each) for each in marks}) > 1:
        raise DeclarationError(
            "bad-declaration",
            f"{where}: got options of both video and audio",
            "use VideoOptions with Video, AudioOptions with Audio",
        )
    options = marks[-1]
    _check_options(where, options)
    return TrackField(name, options, optional)


def _marks(hint: Any) -> tuple[bool, list[VideoOptions | AudioOptions]]:
    """Whether None is allowed, and the options, the innermost first."""
    if typing.get_origin(hint) is Annotated:
        inner, *extras = typing.get_args(hint)
        optional, marks = _marks(inner)
        return optional, marks + [each for each in extras if isinstance(each, VideoOptions | AudioOptions)]
    if typing.get_origin(hint) in (Union, types.UnionType):
        rest = [each for each in typing.get_args(hint) if each is not type(None)]
        if len(rest) == 1:
            return True, _marks(rest[0])[1]
    # A class that is a mark of a track, as in models of Reactor's runtime (compat.py).
    options = getattr(hint, "__track_options__", None)
    return False, [options()] if isinstance(hint, type) and options is not None else []


def _check_options(where: str, options: VideoOptions | AudioOptions) -> None:
    if isinstance(options, VideoOptions):
        check_fps(where, options.fps if options.fps is not None else 30)
        _check_video_options(where, options)
        return
    rate, channels = cast(Any, options.sample_rate), cast(Any, options.channels)
    if isinstance(rate, bool) or not isinstance(rate, int) or not _LOWEST_RATE_HZ <= rate <= _HIGHEST_RATE_HZ:
        raise DeclarationError(
            "bad-declaration",
            f"{where}: got sample_rate={rate!r}, expected Hz from {_LOWEST_RATE_HZ} to {_HIGHEST_RATE_HZ}",
            "for example AudioOptions(sample_rate=24_000)",
        )
    if channels not in (1, 2):
        raise DeclarationError(
            "bad-declaration",
            f"{where}: got channels={channels!r}, expected 1 or 2",
            "use 1 for mono or 2 for stereo; mix more down in the model",
        )
    bps = cast(Any, options.bitrate_bps)
    if bps is not None and (
        isinstance(bps, bool)
        or not isinstance(bps, int)
        or not MIN_AUDIO_BITRATE_BPS <= bps <= MAX_AUDIO_BITRATE_BPS
    ):
        raise DeclarationError(
            "bad-declaration",
            f"{where}: got bitrate_bps={bps!r}, expected bits per second from {MIN_AUDIO_BITRATE_BPS} to {MAX_AUDIO_BITRATE_BPS}",
            "128 kbps is bitrate_bps=128_000",
        )


def _check_video_options(where: str, options: VideoOptions) -> None:
    def refuse(name: str, expected: str, hint: str) -> DeclarationError:
        return DeclarationError(
            "bad-declaration", f"{where}: got {name}={getattr(options, name)!r}, expected {expected}", hint
        )

    least: int | None = None
    for name in ("min_bitrate_bps", "start_bitrate_bps", "max_bitrate_bps"):
        value = cast(Any, getattr(options, name))
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse(name, "a whole number of bits per second", f"for example {name}=2_000_000")
        if not MIN_BITRATE_BPS <= value <= MAX_BITRATE_BPS:
            raise refuse(
                name,
                f"bits per second from {MIN_BITRATE_BPS} to {MAX_BITRATE_BPS}",
                f"2 Mbps is {name}=2_000_000",
            )
        if least is not None and value < least:
            raise refuse(
                name,
                f"at least the {least} of the smaller limit",
                "min_bitrate_bps <= start_bitrate_bps <= max_bitrate_bps",
            )
        least = value
    if options.content not in ("motion", "detail"):
        raise refuse(
            "content", '"motion" or "detail"', "motion keeps the rate of pictures, detail keeps their size"
        )
    weight = cast(Any, options.weight)
    if (
        isinstance(weight, bool)
        or not isinstance(weight, int | float | np.number)
        or not MIN_TRACK_WEIGHT <= float(weight) <= MAX_TRACK_WEIGHT
    ):
        raise refuse(
            "weight",
            f"a number from {MIN_TRACK_WEIGHT} to {MAX_TRACK_WEIGHT}",
            "weight=2 gives twice the share of a track of the same size",
        )


def check_fps(where: str, fps: object) -> float:
    """Pictures a second, as a float. Raises DeclarationError unless above 0 and at most 1000."""
    if isinstance(fps, bool) or not isinstance(fps, int | float | np.number) or not 0 < float(fps) <= 1000:
        raise DeclarationError(
            "bad-declaration",
            f"{where}: got fps={fps!r}, expected a number above 0 and at most 1000",
            "for example fps = 30",
        )
    return float(fps)


__all__ = ["Audio", "AudioOptions", "Output", "Video", "VideoOptions"]
