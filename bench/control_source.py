"""The model of scenario `control`: the stamp of each picture carries the number of the last `flash` instead of the picture's.

CONTROL_STEP=held: `generate` takes next to no time and is held back to BENCH_FPS by the host. Otherwise each step takes
1/BENCH_FPS, as that of a model which is busy all the time.
"""

import os
import time
from dataclasses import dataclass

from picture import PacedPicture, Rgb, draw_stamp, stamp_bytes
from reactor_host import ModelMessage, Output, ReactorApp, Video, event

source = PacedPicture.from_environment()
held = os.environ.get("CONTROL_STEP") == "held"


@dataclass
class Frame(Output):
    main_video: Video


class Flashed(ModelMessage):
    number: int
    handled_us: int


class ControlSource(ReactorApp):
    fps = source.fps

    def load(self) -> None:
        self.number = 0

    @event(name="flash")
    def flash(self, number: int) -> Flashed:
        self.number = number
        return Flashed(number=number, handled_us=time.monotonic_ns() // 1000)

    def generate(self) -> Frame:
        # The number as the step began: what comes during a step is for the next.
        number = self.number
        picture: Rgb = source.draw_due() if held else source.next()
        draw_stamp(picture, stamp_bytes(time.monotonic_ns() // 1000, number))
        return Frame(main_video=picture)
