"""Pictures of the size that stands in the file REACTOR_TEST_SIZE (`641x361`), or each of another size (`all`).

`main_video` holds a chart (chart.py) where it has one size, else a counter (pattern.py); `side_video` a counter, in one size and
with every third step.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from chart import chart
from pattern import picture
from reactor_host import Output, ReactorApp, Video, VideoOptions

FPS = 15
# Larger pictures than HD come slowly: on two cores an encoder needs up to two seconds for one.
SLOW_SAMPLES = 1920 * 1080


class Frame(Output):
    # Fewer pictures where they are too many for machine or link, rather than smaller ones.
    main_video: Annotated[Video, VideoOptions(content="detail")]
    side_video: Annotated[Video, VideoOptions(fps=FPS / 3)] | None = None


class Sizes(ReactorApp):
    fps = FPS

    def generate(self) -> Iterator[Frame]:
        wanted = Path(os.environ["REACTOR_TEST_SIZE"])
        step = 0
        while True:
            size = wanted.read_text()
            side = picture(160, 90, step) if step % 3 == 0 else None
            if size == "all":
                # Odd and even, wide and tall, and for a long time none twice.
                width, height = 200 + step * 37 % 401, 160 + step * 53 % 307
                yield Frame(main_video=picture(width, height, step), side_video=side)
            else:
                width, height = (int(text) for text in size.split("x"))
                if width * height > SLOW_SAMPLES:
                    time.sleep(0.5)
                yield Frame(main_video=chart(width, height), side_video=side)
            step += 1
