"""The capture clock: monotonic, in microseconds, shared by pictures and sound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

ClockUs = Callable[[], int]


def monotonic_us() -> int:
    """Now, in microseconds since an arbitrary moment. Never goes back."""
    return time.monotonic_ns() // 1000


async def sleep_until(moment_us: float, clock_us: ClockUs) -> None:
    """Wait until the clock shows `moment_us`; not at all when it does already."""
    while (left_us := moment_us - clock_us()) > 0:
        await asyncio.sleep(left_us / 1e6)
