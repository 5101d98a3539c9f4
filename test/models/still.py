"""One picture of bench/picture.py, yielded once: what a model that waits for a prompt looks like."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from reactor_host import Output, ReactorApp, Video

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from picture import Picture


class Frame(Output):
    main_video: Video


class Still(ReactorApp):
    async def generate(self) -> AsyncIterator[Frame]:
        yield Frame(main_video=Picture(640, 360).draw(0))
        await asyncio.Event().wait()
