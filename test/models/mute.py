"""A model with a voice that has not been asked to speak: pictures, and never any sound."""

from collections.abc import Iterator

import numpy as np
from reactor_host import Audio, Output, ReactorApp, Video


class Frame(Output):
    main_video: Video
    main_audio: Audio | None = None


class Mute(ReactorApp):
    fps = 10

    def generate(self) -> Iterator[Frame]:
        while True:
            yield Frame(main_video=np.full((120, 160, 3), 128, np.uint8))
