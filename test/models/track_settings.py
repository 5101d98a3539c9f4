"""Tracks that differ in how they are declared only: what each of VideoOptions does shows beside its neighbour."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pattern import picture
from reactor_host import Output, ReactorApp, Video, VideoOptions

WIDTH, HEIGHT = 640, 360
# VP9 is given 0.03 bits a sample at least: this size needs 207 kbps at 30 fps.
NARROW = {"min_bitrate_bps": 50_000, "max_bitrate_bps": 120_000}


class Frame(Output):
    motion: Annotated[Video, VideoOptions(**NARROW)]
    detail: Annotated[Video, VideoOptions(**NARROW, content="detail")]
    heavy: Annotated[Video, VideoOptions(weight=4)]
    light: Annotated[Video, VideoOptions(weight=1, min_bitrate_bps=50_000)]


class TrackSettings(ReactorApp):
    fps = 30

    def generate(self) -> Iterator[Frame]:
        counter = 0
        while True:
            drawn: np.ndarray = picture(WIDTH, HEIGHT, counter)
            yield Frame(motion=drawn, detail=drawn, heavy=drawn, light=drawn)
            counter += 1
