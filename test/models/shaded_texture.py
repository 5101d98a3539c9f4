"""The upper half is grey as bright as `shade` says; in the lower one a texture moves, which looks the better the more bits it gets."""

from dataclasses import dataclass

import cv2
import numpy as np
from reactor_host import InputField, InputState, Output, ReactorApp, Video

WIDTH, HEIGHT = 640, 360


class State(InputState):
    shade: int = InputField(default=40, ge=0, le=255, description="How bright the upper half is.")


@dataclass
class Frame(Output):
    main_video: Video


class ShadedTexture(ReactorApp):
    state: State

    def load(self) -> None:
        noise = np.random.default_rng(1).integers(0, 256, (HEIGHT // 2, WIDTH, 3), np.uint8)
        self.texture = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 1.5), None, 0, 255, cv2.NORM_MINMAX)
        self.step = 0

    def generate(self, input: State) -> Frame:
        self.step += 1
        picture = np.full((HEIGHT, WIDTH, 3), input.shade, np.uint8)
        # By other amounts each time, or prediction makes it nearly free.
        shift = (self.step * 3 % 7, self.step * 5 % 11)
        picture[HEIGHT // 2 :] = np.roll(self.texture, shift, axis=(0, 1))
        return Frame(main_video=picture)
