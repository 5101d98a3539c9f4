"""What one step did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import TrackError
from .output import Output


@dataclass(frozen=True)
class StepOutcome:
    """Handed to `process_output`: what the step returned or yielded, or what it raised.

    elapsed: how long the step took, in seconds.
    """

    result: Any = None
    error: BaseException | None = None
    elapsed: float = 0.0

    def to_output(self) -> Output | None:
        """The result, where it is an Output or None. Raises `error` if there is one, TrackError for another result."""
        if self.error is not None:
            raise self.error
        if self.result is None or isinstance(self.result, Output):
            return self.result
        raise TrackError(
            "not-an-output",
            f"the step gave {type(self.result).__name__}, expected an Output",
            "make an Output of `outcome.result` in process_output, or return one from the step",
        )
