"""When pictures leave, and when a model may go on. Pure: the clock's value comes in as an argument.

- One picture leaves at once.
- A batch is spread over the time the last step took, so that its last picture leaves just before the next batch comes.
- A step may begin no sooner than the ones before it have been shown at `fps`. Being held back before the step and not
  after it keeps what is sent fresh.
- The deadlines lie on a grid, so rounding and waking up late never add up. After a stall of more than one picture's
  time the grid starts anew: a stall is not made up for by a burst.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Departure:
    """When the pictures of one step leave: picture i of n at start_us + i * span_us / n."""

    start_us: int
    span_us: int

    def leave_us(self, index: int, count: int) -> int:
        return self.start_us + self.span_us * index // count


class Pacer:
    """Decides for one model. Times are microseconds of one monotonic clock."""

    def __init__(self, fps: float, begin_us: int) -> None:
        """`begin_us`: when the first step begins."""
        self._period_us = 1_000_000 / fps
        # A step that comes late by less is made up for by the next ones; that is at most one picture too close.
        self._catch_up_us = self._period_us
        # Where the grid stands: the earliest moment that the step now running might have begun.
        self._grid_us = float(begin_us)
        self._last_arrival_us: int | None = None
        # When the batch before has been sent completely.
        self._end_us = 0

    def arrive(self, now_us: int, pictures: int) -> Departure:
        """The model has yielded `pictures` (the most on any track; 0 for sound alone)."""
        start_us = max(now_us, self._end_us)
        step_us = pictures * self._period_us
        if self._last_arrival_us is not None:
            # A fast model is held back to the declared rate, so no step is shorter than that.
            step_us = max(step_us, now_us - self._last_arrival_us)
        self._last_arrival_us = now_us
        if pictures <= 1:
            self._end_us = start_us
            return Departure(start_us, 0)
        # Counted from the arrival: a batch that had to wait for the one before makes up for it, so delay never adds up;
        # but at most at twice the speed, so that a batch that comes early does not flash by.
        self._end_us = int(max(now_us + step_us, start_us + pictures * self._period_us / 2))
        return Departure(start_us, self._end_us - start_us)

    def advance_us(self, pictures: int, sound_us: int) -> float:
        """How much time a step fills: its pictures, else its sound, else (nothing yielded) one picture's time."""
        if pictures > 0:
            return pictures * self._period_us
        return float(sound_us) if sound_us > 0 else self._period_us

    def release_us(self, now_us: int, advance_us: float) -> int:
        """The step is sent: when the next may begin. In the past or now for a model that is not too fast."""
        self._grid_us += advance_us
        if now_us - self._grid_us > self._catch_up_us:
            self._grid_us = float(now_us)
        return int(self._grid_us)

    def pause(self) -> None:
        """The model yielded nothing for a while of its own will: the time until its next step measures nothing."""
        self._last_arrival_us = None
