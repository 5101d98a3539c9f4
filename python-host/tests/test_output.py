from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Optional

import numpy as np
import pytest
from reactor_host import Audio, AudioOptions, Output, Video, VideoOptions
from reactor_host.errors import DeclarationError, TrackError
from reactor_host.messages import AudioTrack, VideoTrack
from reactor_host.output import track_fields

PICTURE = np.zeros((2, 2, 3), np.uint8)
SOUND = np.zeros(10, np.int16)


class Plain(Output):
    main_video: Video
    main_audio: Audio | None = None


@dataclass
class Decorated(Output):
    main_video: Video
    main_audio: Audio | None = None


class Declared(Output):
    LIMIT: ClassVar[int] = 3
    small: Annotated[Video, VideoOptions(fps=10)]
    voice: Annotated[Audio, AudioOptions(sample_rate=16_000, channels=1, bitrate_bps=32_000)]
    extra: Optional[Annotated[Video, VideoOptions(fps=5)]]  # noqa: UP045
    other: Annotated[Optional[Video], VideoOptions(fps=6)]  # noqa: UP045


def test_tracks_are_announced_in_order() -> None:
    announced = [field.announce(30) for field in track_fields(Declared).values()]
    assert announced == [
        VideoTrack("small", 10.0),
        AudioTrack("voice", 48_000, 1, 32_000),
        VideoTrack("extra", 5.0),
        VideoTrack("other", 6.0),
    ]
    assert [field.optional for field in track_fields(Declared).values()] == [False, False, True, True]


def test_fps_is_the_model_s_and_sound_is_stereo_unless_declared() -> None:
    announced = [field.announce(24) for field in track_fields(Plain).values()]
    assert announced == [VideoTrack("main_video", 24.0), AudioTrack("main_audio", 48_000, 2)]


def test_limits_and_content_of_a_track_are_announced() -> None:
    class Limited(Output):
        plan: Annotated[
            Video,
            VideoOptions(
                start_bitrate_bps=300_000,
                min_bitrate_bps=100_000,
                max_bitrate_bps=2_000_000,
                content="detail",
                weight=2,
            ),
        ]

    assert track_fields(Limited)["plan"].announce(30) == VideoTrack(
        "plan", 30.0, 300_000, 100_000, 2_000_000, "detail", 2.0
    )


@pytest.mark.parametrize("cls", [Plain, Decorated])
def test_values_by_name_and_by_place(cls: type[Plain]) -> None:
    assert cls(main_video=PICTURE).main_audio is None
    frame = cls(PICTURE, SOUND)
    assert frame.main_video is PICTURE and frame.main_audio is SOUND


@pytest.mark.parametrize("cls", [Plain, Decorated])
def test_an_unknown_track_is_named(cls: type[Plain]) -> None:
    with pytest.raises(TrackError, match="has no track 'depth_video'; it declares main_video, main_audio"):
        cls(main_video=PICTURE, depth_video=PICTURE)  # type: ignore[call-arg]
    frame = cls(PICTURE)
    with pytest.raises(TrackError, match="has no track 'sound'"):
        frame.sound = SOUND


def test_a_missing_track_is_named() -> None:
    with pytest.raises(TrackError, match="main_video: got None, expected a value in every Plain"):
        Plain()  # type: ignore[call-arg]


def test_too_many_values() -> None:
    with pytest.raises(TrackError, match="got 3 values for 2 tracks"):
        Plain(PICTURE, SOUND, SOUND)  # type: ignore[call-arg]


def test_a_dataclass_with_its_own_init_is_left_alone() -> None:
    class Own(Output):
        main_video: Video

        def __init__(self, grey: int) -> None:
            self.main_video = np.full((2, 2, 3), grey, np.uint8)

    assert np.asarray(Own(grey=7).main_video)[0, 0, 0] == 7


def test_a_derived_output_has_the_tracks_of_both() -> None:
    class More(Plain):
        depth: Video | None = None

    assert list(track_fields(More)) == ["main_video", "main_audio", "depth"]


@pytest.mark.parametrize(
    ("annotation", "name", "message"),
    [
        (int, "main_video", "Wrong.main_video: got int, expected Video or Audio"),
        (np.ndarray, "main_video", "Wrong.main_video: got ndarray, expected Video or Audio"),
        (Annotated[Video, AudioOptions()], "x", "Wrong.x: got options of both video and audio"),
        (Annotated[Audio, AudioOptions(sample_rate=48)], "x", "got sample_rate=48, expected Hz from 4000"),
        (Annotated[Audio, AudioOptions(channels=6)], "x", "got channels=6, expected 1 or 2"),  # type: ignore[arg-type]
        (Annotated[Audio, AudioOptions(bitrate_bps=96)], "x", "got bitrate_bps=96, expected bits per second"),
        (Annotated[Video, VideoOptions(fps=0)], "x", "got fps=0, expected a number above 0"),
        (
            Annotated[Video, VideoOptions(max_bitrate_bps=2)],
            "x",
            "got max_bitrate_bps=2, expected bits per second",
        ),
        (
            Annotated[Video, VideoOptions(min_bitrate_bps=900_000, max_bitrate_bps=800_000)],
            "x",
            "got max_bitrate_bps=800000, expected at least the 900000",
        ),
        (Annotated[Video, VideoOptions(start_bitrate_bps=2e6)], "x", "got start_bitrate_bps=2000000.0"),  # type: ignore[arg-type]
        (Annotated[Video, VideoOptions(content="text")], "x", 'expected "motion" or "detail"'),  # type: ignore[arg-type]
        (Annotated[Video, VideoOptions(weight=0)], "x", "got weight=0, expected a number from 0.01 to 100"),
        (Video, "bjørn", "Wrong.bjørn: a track name has"),
        (Video, "v" * 65, "a track name has at most 64"),
    ],
)
def test_a_wrong_declaration_fails_when_the_class_is_made(
    annotation: object, name: str, message: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        type("Wrong", (Output,), {"__annotations__": {name: annotation}, "__module__": __name__})
    assert message in caught.value.message
    assert caught.value.hint
