"""Test picture: known colours, and a counter that can be read back from the decoded picture.

The layout is repeated in test/fixtures/viewer.ts. Counters count the frames of this process, so a restart shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from reactor_host import Audio, Output, ReactorApp, Video

# Three columns and two rows of patches over the counter; far from the edges of the colour space, where clipping hides errors.
COLOURS = [(200, 50, 50), (50, 170, 60), (60, 80, 200), (200, 180, 60), (170, 70, 170), (128, 128, 128)]
CELLS = 16
LEFT_HZ, RIGHT_HZ = 440.0, 660.0
SAMPLE_RATE_HZ = 48_000


def picture(width: int, height: int, counter: int) -> np.ndarray:
    """The patches in the upper three quarters, below them 2 rows of 8 cells: the counter's bits, lowest first."""
    frame = np.zeros((height, width, 3), np.uint8)
    split = height * 3 // 4
    for index, colour in enumerate(COLOURS):
        row, column = divmod(index, 3)
        frame[row * split // 2 : (row + 1) * split // 2, column * width // 3 : (column + 1) * width // 3] = (
            colour
        )
    for bit in range(CELLS):
        row, column = divmod(bit, 8)
        top = split + row * (height - split) // 2
        bottom = split + (row + 1) * (height - split) // 2
        frame[top:bottom, column * width // 8 : (column + 1) * width // 8] = 255 * (counter >> bit & 1)
    return frame


def read_back(frame: np.ndarray) -> tuple[int, list[list[float]]]:
    """The counter and the mean colour of each patch of a decoded picture, from the middle third of cell and patch:
    codecs blur the edges."""
    height, width, _ = frame.shape
    split = height * 3 // 4

    def means(top: int, bottom: int, columns: int) -> list[np.ndarray]:
        rows = slice(top + (bottom - top) // 3, bottom - (bottom - top) // 3)
        edges = [column * width // columns for column in range(columns + 1)]
        return [
            frame[rows, left + (right - left) // 3 : right - (right - left) // 3].mean(axis=(0, 1))
            for left, right in pairwise(edges)
        ]

    patches = [
        mean.tolist() for row in range(2) for mean in means(row * split // 2, (row + 1) * split // 2, 3)
    ]
    lower = height - split
    cells = [
        cell.mean()
        for row in range(2)
        for cell in means(split + row * lower // 2, split + (row + 1) * lower // 2, 8)
    ]
    return sum(1 << bit for bit, brightness in enumerate(cells) if brightness > 127), patches


def sine(hz: float, start: int, samples: int) -> np.ndarray:
    """A sine that goes on without a jump from one call to the next. Float32 `(samples,)`."""
    return (0.5 * np.sin(2 * np.pi * hz * (start + np.arange(samples)) / SAMPLE_RATE_HZ)).astype(np.float32)


def tone(start: int, samples: int) -> np.ndarray:
    """A sine on each side. Float32 `(2, samples)`."""
    return np.stack([sine(hz, start, samples) for hz in (LEFT_HZ, RIGHT_HZ)])


@dataclass
class Frame(Output):
    main_video: Video
    second_video: Video
    main_audio: Audio


class Pattern(ReactorApp):
    fps = 30

    def generate(self) -> Iterator[Frame]:
        samples = SAMPLE_RATE_HZ // 30
        counter = 0
        while True:
            yield Frame(
                main_video=picture(320, 240, counter),
                second_video=picture(161, 121, counter),
                main_audio=tone(counter * samples, samples),
            )
            counter += 1
