"""When pictures leave, and when a model may go on. Pure: the clock's value comes in as an argument.

- One picture leaves at once.
- A batch is spread over the time the last step took, so that its last picture leaves just before the next batch comes.
  A pause is no step: the time that a model waited for something to do does not stretch the batch after it.
- A batch that comes while the one before is still being spread was spread too widely: what is left of that one hurries.
  So fewer pictures wait than a batch has, and delay never adds up.
- A step may begin no sooner than the ones before it have been shown at `fps`. Being held back before the step and not
  after it keeps what is sent fresh.
- The deadlines lie on a grid, so rounding and waking up late never add up. After a stall of more than one picture's
  time the grid starts anew: a stall is not made up for by a burst.
"""

from __future__ import annotations

from dataclasses import dataclass

# A step that takes so many times as long as the one before it is believed to take only that much: after a pause within
# a step the next batch may be too wide by this factor, and a model that really became slower is followed in a few steps.
_LONGEST_STEP_RATIO = 3
# Slower than two pictures a second nobody sees motion, and spreading would only add delay.
_LONGEST_GAP_US = 500_000


@dataclass(frozen=True)
class Hurry:
    """What still waits leaves sooner: the time left for it shrinks to `share`."""

    now_us: int
    share: float

    def leave_us(self, planned_us: int) -> int:
        if planned_us <= self.now_us:
            return planned_us
        return self.now_us + int((planned_us - self.now_us) * self.share)


@dataclass(frozen=True)
class Departure:
    """When the pictures of one step leave: picture i of n at start_us + i * span_us / n.

    hurry: what has to become of the pictures of earlier steps that have not left yet.
    """

    start_us: int
    span_us: int
    hurry: Hurry | None = None

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
        self._last_picture_us: int | None = None
        # The time a picture takes the model, as of the last steps.
        self._usual_gap_us = self._period_us
        self._has_paused = False
        # When the batch before has been sent completely, and when its pictures that have not left are to leave.
        self._end_us = 0
        self._planned_us: list[int] = []

    def arrive(self, captured_us: int, pictures: int, now_us: int) -> Departure:
        """The model has yielded `pictures` (the most on any track; 0 for sound alone) at `captured_us`; it is `now_us`."""
        if pictures == 0:
            return Departure(max(captured_us, self._end_us), 0)
        hurry = self._hurry(now_us, pictures)
        start_us = max(captured_us, self._end_us)
        step_us = pictures * self._gap_us(captured_us, pictures)
        # At most at twice the speed, so that a batch that comes early does not flash by.
        earliest_end_us = start_us + pictures * self._period_us / 2
        if pictures == 1:
            # Whatever comes next need not wait for the end of a single picture, unless that had to wait itself.
            self._end_us = start_us if start_us == captured_us else int(earliest_end_us)
            departure = Departure(start_us, 0, hurry)
        else:
            # Counted from the arrival: a batch that had to wait for the one before makes up for it.
            self._end_us = int(max(captured_us + step_us, earliest_end_us))
            departure = Departure(start_us, self._end_us - start_us, hurry)
        self._planned_us += [departure.leave_us(index, pictures) for index in range(pictures)]
        return departure

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
        """The model has nothing to yield: if it is long until its next step, that was not the time a step takes."""
        self._has_paused = True

    def cut(self, now_us: int) -> None:
        """What has not left yet never will: nothing is to be waited for, neither by pictures nor by the model."""
        self._end_us = now_us
        self._planned_us = []
        self._grid_us = float(now_us)

    def _gap_us(self, captured_us: int, pictures: int) -> float:
        """How far apart the pictures of this step are to leave: by the time since the step before."""
        last_us, self._last_picture_us = self._last_picture_us, captured_us
        has_paused, self._has_paused = self._has_paused, False
        if last_us is None:
            return self._usual_gap_us
        # A fast model is held back to the declared rate, so no step is shorter than that.
        gap_us = max((captured_us - last_us) / pictures, self._period_us)
        limit_us = _LONGEST_STEP_RATIO * self._usual_gap_us
        if has_paused and gap_us > limit_us:
            return self._usual_gap_us
        self._usual_gap_us = min(gap_us, limit_us, max(self._period_us, _LONGEST_GAP_US))
        return self._usual_gap_us

    def _hurry(self, now_us: int, pictures: int) -> Hurry | None:
        """Before `pictures` more come: what waits is through in half the time that those fill.

        The model cannot be back before they have filled theirs, so never more than one batch waits; and batches of one
        size never leave at more than twice the declared rate.
        """
        self._planned_us = [each for each in self._planned_us if each > now_us]
        limit_us = int(now_us + max(len(self._planned_us), pictures) * self._period_us / 2)
        if self._end_us <= limit_us:
            return None
        hurry = Hurry(now_us, (limit_us - now_us) / (self._end_us - now_us))
        self._planned_us = [hurry.leave_us(each) for each in self._planned_us]
        self._end_us = limit_us
        return hurry
