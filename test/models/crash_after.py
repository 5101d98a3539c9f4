"""The test picture, until it raises after REACTOR_TEST_CRASH_AFTER_FRAMES pictures (default 30)."""

import os
from collections.abc import Iterator

from pattern import picture
from reactor_host import Output, ReactorApp, Video


class Frame(Output):
    main_video: Video


class CrashAfter(ReactorApp):
    def generate(self) -> Iterator[Frame]:
        for counter in range(int(os.environ.get("REACTOR_TEST_CRASH_AFTER_FRAMES", "30"))):
            yield Frame(main_video=picture(320, 240, counter))
        raise RuntimeError("crashed as asked")
