from __future__ import annotations

import itertools
from collections.abc import Sequence

from reactor_host.pacing import Pacer

MS = 1000


def simulate(fps: float, step_ms: Sequence[float], pictures: int = 1, sound_us: int = 0) -> list[list[int]]:
    """Runs a model whose steps take so long; returns when the pictures of each step leave, in microseconds."""
    now_us = 0
    pacer = Pacer(fps, now_us)
    steps = []
    for duration_ms in step_ms:
        now_us += int(duration_ms * MS)
        departure = pacer.arrive(now_us, pictures)
        steps.append([departure.leave_us(index, pictures) for index in range(pictures)])
        now_us = max(now_us, pacer.release_us(now_us, pacer.advance_us(pictures, sound_us)))
    return steps


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


def test_sound_alone_is_paced_by_its_duration() -> None:
    pacer = Pacer(30, 0)
    assert pacer.advance_us(0, 100 * MS) == 100 * MS
    assert pacer.advance_us(2, 100 * MS) == 2_000_000 / 30
    assert pacer.advance_us(0, 0) == 1_000_000 / 30
