"""From any thread to the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any


def run_on(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *arguments: Any) -> bool:
    """Call it on that loop: at once where this is code of the loop, which is what it returns, else as soon as the loop is free."""
    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = False
    if here:
        function(*arguments)
    else:
        # The loop may be closed by now: the process is ending.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(function, *arguments)
    return here
