"""The bench's model for reactor-host: one track, a stamped picture every 1/BENCH_FPS s."""

from dataclasses import dataclass

from picture import PacedPicture
from reactor_host import Output, ReactorApp, Video

source = PacedPicture.from_environment()


@dataclass
class Frame(Output):
    main_video: Video


class BenchSource(ReactorApp):
    fps = source.fps

    def generate(self) -> Frame:
        return Frame(main_video=source.next())
