"""Returns another class of output than the one it announced, with a track that is not in it."""

import numpy as np
from reactor_host import Output, ReactorApp, Video


class Frame(Output):
    main_video: Video


class Depth(Output):
    depth_video: Video


class Model(ReactorApp):
    output = Frame

    def generate(self) -> Output:
        return Depth(depth_video=np.zeros((64, 64, 3), np.uint8))
