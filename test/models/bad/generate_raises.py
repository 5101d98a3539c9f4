"""generate() raises after a few frames."""

from collections.abc import Iterator

import numpy as np
from reactor_host import Output, ReactorApp, Video


class Frame(Output):
    main_video: Video


class Model(ReactorApp):
    def generate(self) -> Iterator[Frame]:
        for _ in range(5):
            yield Frame(main_video=np.zeros((64, 64, 3), np.uint8))
        raise RuntimeError("CUDA out of memory")
