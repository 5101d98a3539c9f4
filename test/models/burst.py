"""Batches, as video models make them: 15 pictures and their half second of sound in one step."""

from collections.abc import Iterator

import numpy as np
from pattern import SAMPLE_RATE_HZ, picture, tone
from reactor_host import Audio, Output, ReactorApp, Video

BATCH = 15


class Burst(ReactorApp):
    fps = 30

    class Frame(Output):
        main_video: Video
        main_audio: Audio

    def generate(self) -> Iterator[Output]:
        step = 0
        samples = SAMPLE_RATE_HZ * BATCH // 30
        while True:
            batch = np.stack([picture(320, 240, step * BATCH + index) for index in range(BATCH)])
            yield self.Frame(main_video=batch, main_audio=tone(step * samples, samples))
            step += 1
