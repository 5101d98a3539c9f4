"""What this process costs the machine."""

from __future__ import annotations

import os
import sys
import time

from .messages import ProcessUsage

_STATM = "/proc/self/statm"  # proc_pid_statm(5): the second number is the resident pages


def process_usage() -> ProcessUsage:
    """Of all threads of this process, not of processes that it has started."""
    return ProcessUsage(cpu_s=time.process_time(), resident_bytes=_resident_bytes())


def _resident_bytes() -> int | None:
    if sys.platform != "linux":
        # getrusage() elsewhere knows the peak only.
        return None
    try:
        with open(_STATM, encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, ValueError, IndexError):
        return None
