"""Yields one picture, then waits for ever: what a model that needs a prompt looks like to a late viewer."""

import asyncio
from collections.abc import AsyncIterator

from pattern import picture
from reactor_host import Output, ReactorApp, Video


class Frame(Output):
    main_video: Video


class Silent(ReactorApp):
    async def generate(self) -> AsyncIterator[Frame]:
        yield Frame(main_video=picture(320, 240, 1))
        await asyncio.Event().wait()
