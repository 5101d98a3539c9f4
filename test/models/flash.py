"""A flash and a beep in the same step, once a second; else a dark picture and silence.

REACTOR_TEST_BATCH: pictures a step, 1 where nothing is said.
"""

import os
from collections.abc import Iterator

import numpy as np
from reactor_host import Audio, Output, ReactorApp, Video

FPS = 30
SAMPLE_RATE_HZ = 48_000
BEEP_HZ = 1000
# Of pictures: 0.2 s, once a second.
ON, EVERY = 6, 30


class Frame(Output):
    main_video: Video
    main_audio: Audio


def picture(index: int) -> np.ndarray:
    return np.full((240, 320, 3), 235 if index % EVERY < ON else 16, np.uint8)


def sound(index: int) -> np.ndarray:
    """Of one picture's time, float32 `(samples,)`."""
    samples = SAMPLE_RATE_HZ // FPS
    if index % EVERY >= ON:
        return np.zeros(samples, np.float32)
    time_s = (index * samples + np.arange(samples)) / SAMPLE_RATE_HZ
    return (0.5 * np.sin(2 * np.pi * BEEP_HZ * time_s)).astype(np.float32)


class Flash(ReactorApp):
    fps = FPS

    def generate(self) -> Iterator[Frame]:
        batch = int(os.environ.get("REACTOR_TEST_BATCH", "1"))
        first = 0
        while True:
            indices = range(first, first + batch)
            pictures = np.stack([picture(index) for index in indices])
            yield Frame(
                main_video=pictures if batch > 1 else pictures[0],
                main_audio=np.concatenate([sound(index) for index in indices]),
            )
            first += batch
