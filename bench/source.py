"""The bench's model for reactor-host: BENCH_TRACKS tracks, a stamped picture on each every 1/BENCH_FPS s.

It declares that rate, or BENCH_DECLARED_FPS: a model may be faster or slower than it says.
"""

import os
from dataclasses import dataclass

from picture import PacedPicture
from reactor_host import Output, ReactorApp, Video

source = PacedPicture.from_environment()
two_tracks = int(os.environ.get("BENCH_TRACKS", "1")) > 1


@dataclass
class Frame(Output):
    main_video: Video


@dataclass
class TwoTracks(Output):
    main_video: Video
    second_video: Video


class BenchSource(ReactorApp):
    fps = float(os.environ.get("BENCH_DECLARED_FPS", source.fps))
    output = TwoTracks if two_tracks else Frame

    def generate(self) -> Output:
        picture = source.next()
        return TwoTracks(picture, picture) if two_tracks else Frame(picture)
