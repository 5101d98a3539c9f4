"""The test picture with the time in place of the counter: the low 16 bits of the milliseconds since 1970."""

import time
from collections.abc import Iterator

from pattern import picture
from reactor_host import Output, ReactorApp, Video


class Frame(Output):
    main_video: Video


class Stamp(ReactorApp):
    fps = 30

    def generate(self) -> Iterator[Frame]:
        while True:
            yield Frame(main_video=picture(320, 240, int(time.time() * 1000) & 0xFFFF))
