"""Sound that is not a number."""

import numpy as np
from reactor_host import Audio, Output, ReactorApp, Video


class Frame(Output):
    main_video: Video
    main_audio: Audio


class Model(ReactorApp):
    def generate(self) -> Frame:
        return Frame(main_video=np.zeros((64, 64, 3), np.uint8), main_audio=np.full(1600, np.nan, np.float32))
