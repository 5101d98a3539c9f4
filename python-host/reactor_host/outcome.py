"""What one step did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class StepCompleted:
    """What `process_output` may return instead of an Output: a report of the step, as models of Reactor's runtime write it.

    output: what is shown, or None for nothing.
    files: kept by nobody here; a model that gives some is warned.
    error: why the step failed, in words: a warning in the model's log.
    elapsed: in seconds. Not used: time is measured here.
    """

    output: Output | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    error: str | None = None
    elapsed: float | None = None
