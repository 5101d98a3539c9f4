"""What a step gives that has nothing to show."""

from __future__ import annotations


class _Idle:
    def __repr__(self) -> str:
        return "Idle"

    def __bool__(self) -> bool:
        return False


Idle = _Idle()
"""The older way to say that a step has nothing to show; None says the same."""
