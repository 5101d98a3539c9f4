"""What the model says beside pictures and sound, in order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Generator

from .event_loop import run_on
from .messages import ModelToHost

_log = logging.getLogger("reactor_host")
# `await send()` waits beyond the first number; code that cannot wait loses messages beyond the second. A message of
# 200 KB as often as that is 200 MB, one of a chat 1 MB.
_WAIT_BEYOND = 100
_DROP_BEYOND = 1000


class Sent:
    """What `send` returns: the message is on its way already, and `await` waits until there is room for more."""

    def __init__(self, wait: Callable[[], Awaitable[None]] | None) -> None:
        self._wait = wait

    def __await__(self) -> Generator[object, None, None]:
        if self._wait is not None:
            yield from self._wait().__await__()


class Outbox:
    """`put` may be called by any thread; made on the event loop."""

    def __init__(self, send: Callable[[ModelToHost], Awaitable[None]]) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[ModelToHost] = deque()
        self._filled = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_empty = asyncio.Event()
        self._is_empty.set()
        self._dropped = 0

    def put(self, message: ModelToHost) -> Sent:
        return Sent(self._room if run_on(self._loop, self._append, message) else None)

    async def run(self) -> None:
        while True:
            await self._filled.wait()
            while self._waiting:
                await self._send(self._waiting[0])
                self._waiting.popleft()
                if len(self._waiting) <= _WAIT_BEYOND:
                    self._has_room.set()
            if self._dropped:
                _log.warning(
                    "%d messages were not sent: the model made more than could be sent", self._dropped
                )
                self._dropped = 0
            self._filled.clear()
            self._is_empty.set()

    async def drained(self) -> None:
        await self._is_empty.wait()

    def _append(self, message: ModelToHost) -> None:
        if len(self._waiting) >= _DROP_BEYOND:
            self._dropped += 1
            return
        self._waiting.append(message)
        self._filled.set()
        self._is_empty.clear()
        if len(self._waiting) > _WAIT_BEYOND:
            self._has_room.clear()

    async def _room(self) -> None:
        await self._has_room.wait()
