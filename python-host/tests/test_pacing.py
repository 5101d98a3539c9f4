from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import pytest
from reactor_host.pacing import Pacer

MS = 1000


@dataclass
class Run:
    """When each step came and its pictures left, in microseconds, and how many waited when it came."""

    came_us: list[int] = field(default_factory=list)
    left_us: list[list[int]] = field(default_factory=list)
    waited: list[int] = field(default_factory=list)

    def span_ms(self, step: int) -> float:
        return (self.left_us[step][-1] - self.left_us[step][0]) / MS

    def delay_ms(self, step: int) -> float:
        return (self.left_us[step][0] - self.came_us[step]) / MS


def run(fps: float, step_ms: Sequence[float], pictures: Sequence[int], sound_us: int = 0) -> Run:
    """Runs a model whose steps take so long and yield so many pictures; 0 is a step that yields nothing."""
    now_us = 0
    pacer = Pacer(fps, now_us)
    result = Run()
    for duration_ms, count in zip(step_ms, pictures, strict=True):
        now_us += int(duration_ms * MS)
        if count == 0:
            pacer.pause()
        else:
            result.waited.append(sum(leave > now_us for step in result.left_us for leave in step))
            departure = pacer.arrive(now_us, count, now_us)
            if departure.hurry is not None:
                result.left_us = [
                    [departure.hurry.leave_us(leave) for leave in step] for step in result.left_us
                ]
            result.came_us.append(now_us)
            result.left_us.append([departure.leave_us(index, count) for index in range(count)])
        now_us = max(now_us, pacer.release_us(now_us, pacer.advance_us(count, sound_us)))
    leaves = [leave for step in result.left_us for leave in step]
    assert leaves == sorted(leaves)
    return result


def simulate(fps: float, step_ms: Sequence[float], pictures: int = 1, sound_us: int = 0) -> list[list[int]]:
    """Steps that all yield as much; returns when the pictures of each leave."""
    return run(fps, step_ms, [pictures] * len(step_ms), sound_us).left_us


def gaps_ms(steps: list[list[int]]) -> list[float]:
    leaves = [leave for step in steps for leave in step]
    return [(later - earlier) / MS for earlier, later in itertools.pairwise(leaves)]


def test_a_single_picture_leaves_at_once() -> None:
    assert simulate(30, [10])[0] == [10 * MS]
    assert simulate(30, [200])[0] == [200 * MS]


def test_a_fast_model_is_held_at_fps_without_drift() -> None:
    steps = simulate(30, [5] * 3001)
    assert all(abs(gap - 1000 / 30) < 0.01 for gap in gaps_ms(steps))
    assert abs(steps[3000][0] - steps[0][0] - 100_000_000) < 50


def test_a_slow_model_is_never_waited_for() -> None:
    assert all(abs(gap - 50) < 0.01 for gap in gaps_ms(simulate(30, [50] * 20)))


def test_uneven_steps_around_the_period_keep_the_rate() -> None:
    steps = simulate(30, [20, 44] * 300)
    assert abs((steps[-1][0] - steps[0][0]) / (len(steps) - 1) - 1_000_000 / 30) < 100


def test_a_stall_is_not_made_up_for_by_a_burst() -> None:
    gaps = gaps_ms(simulate(30, [5] * 10 + [1000] + [5] * 10))
    assert gaps[9] > 900
    # The next picture may come close, as of a model that is just slow; no more than that.
    assert all(gap > 33 for gap in gaps[11:])


def test_a_batch_is_spread_over_the_step() -> None:
    steps = simulate(30, [400] * 5, pictures=15)
    assert all(step[0] - earlier[-1] > 33 * MS for earlier, step in itertools.pairwise(steps))
    assert all(abs(gap - 1000 / 30) < 0.1 for gap in gaps_ms(steps))


def test_a_slow_batch_is_spread_over_the_time_it_took() -> None:
    steps = simulate(30, [750] * 4, pictures=15)
    # The first one has no step before it: N / fps.
    assert steps[0][14] - steps[0][0] == 500 * MS * 14 // 15
    assert all(abs(gap - 50) < 0.1 for gap in gaps_ms(steps[1:]))


def test_the_first_batch_is_not_spread_over_the_loading() -> None:
    steps = simulate(30, [5000, 100, 100], pictures=15)
    assert steps[0][-1] - steps[0][0] < 500 * MS


def test_batches_that_come_unevenly_do_not_overlap_or_pile_up() -> None:
    steps = simulate(30, [750, 750, 300, 900, 500, 500, 700] * 20, pictures=15)
    leaves = [leave for step in steps for leave in step]
    assert min(gaps_ms(steps)) > 16
    # No step is shorter than its pictures, 500 ms; the last one is spread over its own time.
    assert leaves[-1] < (sum([750, 750, 500, 900, 500, 500, 700]) * 20 + 1500) * MS


PAUSED = [
    # The wait is inside a step: how it differs from a slow step shows only afterwards.
    pytest.param([750] * 5 + [60_000] + [750] * 10, [15] * 16, 3, id="a pause within a step"),
    pytest.param([750] * 5 + [100] * 600 + [750] * 11, [15] * 5 + [0] * 600 + [15] * 11, 1, id="empty steps"),
]


@pytest.mark.parametrize(("step_ms", "pictures", "at_most"), PAUSED)
def test_a_pause_does_not_stretch_the_batch_after_it(
    step_ms: list[float], pictures: list[int], at_most: int
) -> None:
    result = run(30, step_ms, pictures)
    assert result.span_ms(5) <= at_most * 750
    assert max(result.delay_ms(step) for step in range(len(result.came_us))) <= 250
    assert max(result.waited) < 15
    # And then as before.
    assert result.delay_ms(10) == 0 and abs(result.span_ms(10) - 700) < 1


def test_a_model_that_waits_before_every_batch_is_not_slowed_down_for_ever() -> None:
    result = run(30, [60_000] * 50, [15] * 50)
    assert result.span_ms(49) == 7000


def test_a_model_that_was_always_slow_is_spread_over_its_steps() -> None:
    result = run(30, [4000] * 6, [15] * 6)
    assert [round(result.span_ms(step) * 15 / 14) for step in range(4)] == [500, 1500, 4000, 4000]


def test_one_batch_and_one_empty_step_in_turns_is_a_steady_model() -> None:
    # The empty step may begin after 500 ms, so that a batch comes every 800 ms.
    result = run(30, [300] * 20, [15, 0] * 10)
    assert all(abs(each - 800 / 15) < 0.1 for each in gaps_ms(result.left_us[1:]))


@pytest.mark.parametrize("pictures", [2, 4, 15, 90])
def test_a_model_that_becomes_fast_does_not_queue_up(pictures: int) -> None:
    fill_ms = pictures * 1000 / 30
    result = run(30, [8 * fill_ms] * 6 + [1] * 20, [pictures] * 26)
    assert max(result.waited) < pictures
    assert max(map(result.delay_ms, range(26))) <= fill_ms / 2
    assert min(gaps_ms(result.left_us)) > 16
    assert result.delay_ms(25) < 1


def test_batches_of_any_sizes_do_not_queue_up() -> None:
    random = Random(1)
    sizes = [random.choice([1, 1, 2, 5, 15, 40]) for _ in range(2000)]
    result = run(30, [random.choice([1, 100, 700, 3000]) for _ in sizes], sizes)
    # A large one that is hurrying, and what came meanwhile.
    assert max(result.waited) < 40 + 15
    assert max(map(result.delay_ms, range(2000))) < (40 + 15) * 1000 / 60


def test_sound_alone_waits_for_the_batch_and_does_not_hurry_it() -> None:
    pacer = Pacer(30, 0)
    pacer.arrive(0, 15, 0)
    departure = pacer.arrive(100 * MS, 0, 100 * MS)
    assert (departure.start_us, departure.hurry) == (500 * MS, None)


def test_sound_alone_is_paced_by_its_duration() -> None:
    pacer = Pacer(30, 0)
    assert pacer.advance_us(0, 100 * MS) == 100 * MS
    assert pacer.advance_us(2, 100 * MS) == 2_000_000 / 30
    assert pacer.advance_us(0, 0) == 1_000_000 / 30


def test_after_a_cut_nothing_is_waited_for() -> None:
    pacer = Pacer(30, 0)
    pacer.arrive(0, 30, 0)
    assert pacer.release_us(0, pacer.advance_us(30, 0)) == 1000 * MS
    pacer.cut(100 * MS)
    departure = pacer.arrive(110 * MS, 30, 110 * MS)
    assert (departure.start_us, departure.hurry) == (110 * MS, None)
    assert pacer.release_us(110 * MS, pacer.advance_us(1, 0)) == int(100 * MS + 1_000_000 / 30)
