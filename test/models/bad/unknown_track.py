"""A track that was never declared."""

import numpy as np
from reactor_host import Audio, Output, ReactorApp, Video


class Frame(Output):
    main_video: Video
    main_audio: Audio


class Model(ReactorApp):
    def generate(self) -> Frame:
        picture, sound = np.zeros((64, 64, 3), np.uint8), np.zeros(1600, np.int16)
        return Frame(main_video=picture, main_audio=sound, depth_video=picture)
