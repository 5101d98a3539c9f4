"""The upper half is grey as bright as `shade` says, the lower half noise, which takes as many bits as it is given."""

from dataclasses import dataclass

import numpy as np
from reactor_host import InputField, InputState, Output, ReactorApp, Video

WIDTH, HEIGHT = 640, 360


class State(InputState):
    shade: int = InputField(default=40, ge=0, le=255, description="How bright the upper half is.")


@dataclass
class Frame(Output):
    main_video: Video


class ShadedNoise(ReactorApp):
    state: State

    def load(self) -> None:
        self.random = np.random.default_rng(1)

    def generate(self, input: State) -> Frame:
        picture = np.full((HEIGHT, WIDTH, 3), input.shade, np.uint8)
        # Blobs, not single samples: what a codec would smooth away costs it nothing.
        noise = self.random.integers(0, 256, (HEIGHT // 8, WIDTH // 4, 3), np.uint8)
        picture[HEIGHT // 2 :] = noise.repeat(4, axis=0).repeat(4, axis=1)
        return Frame(main_video=picture)
