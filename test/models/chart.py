"""A chart of 24 colours, six a row, on an SD and an HD track: skin, sky and leaves, the saturated corners, black to white.

test/fixtures/chart.ts repeats the colours.
"""

import numpy as np
from reactor_host import Output, ReactorApp, Video

COLOURS = [
    *[
        (115, 82, 68),
        (194, 150, 130),
        (98, 122, 157),
        (87, 108, 67),
        (133, 128, 177),
        (103, 189, 170),
    ],
    *[
        (214, 126, 44),
        (80, 91, 166),
        (193, 90, 99),
        (94, 60, 108),
        (157, 188, 64),
        (224, 163, 46),
    ],
    *[
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (0, 255, 255),
        (255, 0, 255),
        (255, 255, 0),
    ],
    *[
        (0, 0, 0),
        (52, 52, 52),
        (85, 85, 85),
        (128, 128, 128),
        (200, 200, 200),
        (255, 255, 255),
    ],
]


def chart(width: int, height: int) -> np.ndarray:
    patches = np.array(COLOURS, np.uint8).reshape(4, 6, 3)
    rows = np.arange(height) * 4 // height
    columns = np.arange(width) * 6 // width
    return patches[rows[:, None], columns[None, :]]


class Frame(Output):
    sd_video: Video
    hd_video: Video


class Chart(ReactorApp):
    fps = 15

    def load(self, config_path: str | None = None) -> None:
        self.frame = Frame(sd_video=chart(640, 360), hd_video=chart(1280, 720))

    def generate(self) -> Frame:
        return self.frame
