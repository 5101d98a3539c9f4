"""The shape of a model: inputs, an output with three tracks, `load` and `generate`.

Run it: `npm start -- python-host/examples/seed.py`. It draws coloured noise that grows from its inputs, and hums.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from reactor_host import Audio, InputField, InputState, Output, ReactorApp, Video


class State(InputState):
    prompt: str = InputField(default="a meadow", description="What to draw.")
    seed: int = InputField(default=1, ge=0, le=9999, description="Another number, another picture.")


@dataclass
class Frame(Output):
    main_video: Video
    secondary_video: Video
    main_audio: Audio


class Model(ReactorApp):
    state: State

    def load(self, config_path: str | None) -> None:
        """Where a real model reads its weights."""
        self.step = 0

    def generate(self, input: State) -> Frame:
        random = np.random.default_rng([input.seed, *input.prompt.encode()])
        wave = 40 * np.sin(self.step / 30 + random.uniform(0, 6, (9, 16, 3)))
        small = (random.uniform(60, 195, (9, 16, 3)) + wave).astype(np.uint8)
        samples = (self.step * 1600 + np.arange(1600)) / 48_000
        hum = 0.05 * np.sin(2 * np.pi * 220 * samples)
        self.step += 1
        return Frame(
            main_video=cv2.resize(small, (1280, 720), interpolation=cv2.INTER_CUBIC),
            secondary_video=cv2.resize(small, (320, 180), interpolation=cv2.INTER_NEAREST),
            main_audio=np.stack([hum, hum]).astype(np.float32),
        )
