"""A model that says what happens to it, with fields."""

from typing import Annotated

import numpy as np
from reactor_host import ClientInfo, Output, ReactorApp, Video, VideoOptions, connected, event, get_logger

log = get_logger("says.model")


class Frame(Output):
    main_video: Annotated[Video, VideoOptions(fps=30)]


class Says(ReactorApp):
    def load(self) -> None:
        self._steps = 0

    @connected
    def came(self, client: ClientInfo) -> None:
        log.info("somebody came", extra={"steps": self._steps, "weights": {"size": 3}})

    @event
    def warn(self, times: int) -> None:
        log.warning("asked %d times", times)

    def generate(self) -> Frame:
        self._steps += 1
        picture = np.full((240, 320, 3), self._steps % 200, np.uint8)
        picture[::2, :: 1 + self._steps % 7] = 255
        return Frame(main_video=picture)
