"""Pictures of 8x8, which no H.264 encoder of WebCodecs takes, until a file that REACTOR_TEST_GROW names is there."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pattern import picture
from reactor_host import Output, ReactorApp, Video


class Frame(Output):
    main_video: Video


class TinyThenPattern(ReactorApp):
    fps = 30

    def generate(self) -> Iterator[Frame]:
        grow = Path(os.environ["REACTOR_TEST_GROW"])
        counter = 0
        while True:
            tiny = np.full((8, 8, 3), 128, np.uint8)
            yield Frame(main_video=picture(320, 240, counter) if grow.exists() else tiny)
            counter += 1
