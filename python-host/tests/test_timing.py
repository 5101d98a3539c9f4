from __future__ import annotations

from reactor_host.timing import StepTimes

SECOND_US = 1_000_000


def test_medians_are_of_the_steps_since_the_last_call_else_what_they_were() -> None:
    times = StepTimes()
    assert times.take_medians_ms() == (0, 0)
    for duration_us in (1000, 9000, 2000):
        times.stepped(duration_us)
    times.converted(500)
    assert times.take_medians_ms() == (2, 0.5)
    assert times.taken_steps_ms == [1, 9, 2]
    assert times.take_medians_ms() == (2, 0.5)
    assert times.taken_steps_ms == []
    times.stepped(4000)
    assert times.take_medians_ms() == (4, 0.5)
    assert times.steps == 4


def test_a_fast_model_is_idle_after_two_seconds() -> None:
    times = StepTimes()
    times.stepped(30_000)
    times.take_medians_ms()
    assert not times.is_idle_after(2 * SECOND_US)
    assert times.is_idle_after(2 * SECOND_US + 1)
    times.began()
    assert times.is_idle_after(2 * SECOND_US + 1)


def test_a_slow_model_is_idle_after_several_of_its_steps() -> None:
    times = StepTimes()
    times.stepped(4 * SECOND_US)
    # Many seconds without a finished step.
    assert [times.take_medians_ms()[0] for _ in range(3)] == [4000] * 3
    assert not times.is_idle_after(12 * SECOND_US)
    assert times.is_idle_after(12 * SECOND_US + 1)
    times.began()
    assert not times.is_idle_after(20 * SECOND_US)
    assert times.is_idle_after(20 * SECOND_US + 1)
