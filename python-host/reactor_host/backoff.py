"""How long to wait before the next try."""

from __future__ import annotations


class Backoff:
    """Doubles from `first_s` to `longest_s`; starts anew after a success."""

    def __init__(self, first_s: float = 0.1, longest_s: float = 2.0) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    def wait_s(self) -> float:
        """The wait before the try that comes now."""
        wait_s = self._next_s
        self._next_s = min(self._longest_s, 2 * wait_s)
        return wait_s

    def succeeded(self) -> None:
        self._next_s = self._first_s
