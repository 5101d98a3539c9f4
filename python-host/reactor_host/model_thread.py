"""The one thread that the model's own code runs in."""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from .event_loop import run_on

_Result = TypeVar("_Result")


class ModelThread:
    """Runs calls one after the other, always in the same thread: a CUDA or OpenGL context belongs to one.

    A daemon, unlike the threads of concurrent.futures: a model that never comes back cannot keep the process alive.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="model", daemon=True).start()

    async def call(self, function: Callable[[], _Result]) -> _Result:
        """Run it there and wait. Raises what it raises; StopIteration must not come out of it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Result] = loop.create_future()
        # As asyncio.to_thread does: what is logged there belongs to whoever asked for it here.
        context = contextvars.copy_context()

        def settle(result: Any, error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        def work() -> None:
            result: Any = None
            error: BaseException | None = None
            try:
                result = context.run(function)
            except BaseException as caught:  # noqa: BLE001 (whoever waits gets it)
                error = caught
            run_on(loop, settle, result, error)

        self._calls.put(work)
        return await future

    def is_idle_within(self, limit_s: float) -> bool:
        """Whether what runs now is done within so many seconds. Blocks."""
        done = threading.Event()
        self._calls.put(done.set)
        return done.wait(limit_s)

    def _run(self) -> None:
        while True:
            self._calls.get()()
