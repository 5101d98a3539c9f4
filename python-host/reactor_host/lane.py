"""A queue whose things leave in order, each at its moment."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from .clock import ClockUs
from .pacing import Hurry

_Thing = TypeVar("_Thing")


class Lane(Generic[_Thing]):
    """`send` gets each thing with the moment that was planned for it, which is its stamp too."""

    def __init__(self, send: Callable[[int, _Thing], Awaitable[None]], clock_us: ClockUs) -> None:
        self._send = send
        self._clock_us = clock_us
        self._waiting: deque[tuple[int, _Thing]] = deque()
        self._sending: asyncio.Task[None] | None = None
        # Done when the plan has changed: whoever sleeps looks again.
        self._changed: asyncio.Future[None] | None = None

    def put(self, leave_us: int, thing: _Thing) -> None:
        """It leaves at that moment, after everything that was put before."""
        self._waiting.append((leave_us, thing))
        if self._sending is None or self._sending.done():
            if self._sending is not None:
                self._sending.result()  # What went wrong is not to be lost.
            self._sending = asyncio.ensure_future(self._run())

    def hurry(self, hurry: Hurry) -> None:
        self._waiting = deque((hurry.leave_us(leave_us), thing) for leave_us, thing in self._waiting)
        if self._changed is not None:
            _wake(self._changed)

    def clear(self) -> list[_Thing]:
        """Nothing that waits leaves any more; it is returned."""
        things = [thing for _, thing in self._waiting]
        self._waiting.clear()
        if self._changed is not None:
            _wake(self._changed)
        return things

    async def drained(self) -> None:
        """Returns when everything has left. Raises what `send` raised."""
        if self._sending is not None:
            # Whoever waits may give up (an author's own timeout around emit); what was put is sent all the same.
            await asyncio.shield(self._sending)

    def cancel(self) -> None:
        """Send nothing more."""
        if self._sending is not None:
            self._sending.cancel()

    async def _run(self) -> None:
        while self._waiting:
            leave_us, thing = self._waiting[0]
            left_us = leave_us - self._clock_us()
            if left_us > 0:
                await self._sleep(left_us)
            else:
                self._waiting.popleft()
                await self._send(leave_us, thing)

    async def _sleep(self, duration_us: int) -> None:
        """So long, or until the plan has changed."""
        loop = asyncio.get_running_loop()
        self._changed = changed = loop.create_future()
        timer = loop.call_later(duration_us / 1e6, _wake, changed)
        try:
            await changed
        finally:
            timer.cancel()


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
