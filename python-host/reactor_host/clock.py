"""The capture clock: monotonic, in microseconds, shared by pictures and sound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

ClockUs = Callable[[], int]


def monotonic_us() -> int:
    """Now, in microseconds since an arbitrary moment. Never goes back."""
    return time.monotonic_ns() // 1000


async def sleep_until(moment_us: float, clock_us: ClockUs, woken: asyncio.Event) -> None:
    """Wait until the clock shows `moment_us`, or until `woken` is set; not at all when it is so already."""
    waking: asyncio.Future[bool] | None = None
    try:
        while not woken.is_set() and (left_us := moment_us - clock_us()) > 0:
            waking = waking or asyncio.ensure_future(woken.wait())
            await asyncio.wait({waking}, timeout=left_us / 1e6)
    finally:
        if waking is not None:
            waking.cancel()
