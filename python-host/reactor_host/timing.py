"""How long the model's steps take."""

from __future__ import annotations

import statistics


class StepTimes:
    """Collects durations in microseconds and gives their medians in milliseconds. Added to by the model's thread."""

    def __init__(self) -> None:
        self.steps = 0
        self._step_us: list[int] = []
        self._convert_us: list[int] = []

    def stepped(self, duration_us: int) -> None:
        self.steps += 1
        self._step_us.append(duration_us)

    def converted(self, duration_us: int) -> None:
        self._convert_us.append(duration_us)

    def take_medians_ms(self) -> tuple[float, float]:
        """Of a step and of a conversion since the last call; 0 where there was none."""
        steps, self._step_us = self._step_us, []
        conversions, self._convert_us = self._convert_us, []
        return _median_ms(steps), _median_ms(conversions)


def _median_ms(durations_us: list[int]) -> float:
    return statistics.median(durations_us) / 1000 if durations_us else 0.0
