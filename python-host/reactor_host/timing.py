"""How long the model's steps take, and when it counts as idle."""

from __future__ import annotations

import statistics

from .limits import MAX_STEP_TIMES

_IDLE_AFTER_US = 2_000_000
# A step that is over says how long the next may take; one under way may be the slow one of a model with uneven steps.
_IDLE_AFTER_STEPS = 3
_IDLE_AFTER_STEPS_UNDER_WAY = 5


class StepTimes:
    """Collects durations in microseconds and gives their medians in milliseconds. Added to by the model's thread."""

    def __init__(self) -> None:
        self.steps = 0
        self._step_us: list[int] = []
        self._convert_us: list[int] = []
        self._last_medians_ms = (0.0, 0.0)
        # Each step between the last two calls of take_medians_ms, as many as a message holds.
        self.taken_steps_ms: list[float] = []
        self.is_under_way = False

    def began(self) -> None:
        self.is_under_way = True

    def stepped(self, duration_us: int) -> None:
        self.steps += 1
        self.is_under_way = False
        self._step_us.append(duration_us)

    def ended(self) -> None:
        """Nothing is under way any more, also where a step was refused or raised."""
        self.is_under_way = False

    def converted(self, duration_us: int) -> None:
        self._convert_us.append(duration_us)

    def take_medians_ms(self) -> tuple[float, float]:
        """Of a step and of a conversion since the last call; where there was none, what it was before (0 at first).

        A model whose steps take longer than the time between two calls has not become infinitely fast.
        """
        steps, self._step_us = self._step_us, []
        conversions, self._convert_us = self._convert_us, []
        self.taken_steps_ms = [step_us / 1000 for step_us in steps[:MAX_STEP_TIMES]]
        step_ms, convert_ms = self._last_medians_ms
        self._last_medians_ms = (_median_ms(steps, step_ms), _median_ms(conversions, convert_ms))
        return self._last_medians_ms

    def is_idle_after(self, silent_us: int) -> bool:
        """Whether a model that has yielded nothing for so long does something else than being slow."""
        times = _IDLE_AFTER_STEPS_UNDER_WAY if self.is_under_way else _IDLE_AFTER_STEPS
        return silent_us > max(_IDLE_AFTER_US, times * self._last_medians_ms[0] * 1000)


def _median_ms(durations_us: list[int], otherwise_ms: float) -> float:
    return statistics.median(durations_us) / 1000 if durations_us else otherwise_ms
