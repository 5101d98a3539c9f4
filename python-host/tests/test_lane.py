from __future__ import annotations

import asyncio

import pytest
from host import LIMIT_S
from reactor_host.clock import monotonic_us
from reactor_host.lane import Lane
from reactor_host.pacing import Hurry

HOUR_US = 3_600_000_000


def test_things_leave_in_order_and_not_before_their_moment() -> None:
    async def run() -> None:
        left: list[tuple[int, str, int]] = []

        async def send(leave_us: int, thing: str) -> None:
            left.append((leave_us, thing, monotonic_us()))

        lane = Lane(send, monotonic_us)
        now_us = monotonic_us()
        for delay_us, thing in ((0, "a"), (20_000, "b"), (20_000, "c"), (40_000, "d")):
            lane.put(now_us + delay_us, thing)
        await asyncio.wait_for(lane.drained(), LIMIT_S)
        assert [thing for _, thing, _ in left] == ["a", "b", "c", "d"]
        assert all(actual_us >= leave_us for leave_us, _, actual_us in left)
        lane.put(0, "e")
        await asyncio.wait_for(lane.drained(), LIMIT_S)
        assert left[-1][:2] == (0, "e")

    asyncio.run(run())


def test_what_waits_can_be_hurried() -> None:
    async def run() -> None:
        left: list[tuple[int, str]] = []
        first_has_left = asyncio.Event()

        async def send(leave_us: int, thing: str) -> None:
            left.append((leave_us, thing))
            first_has_left.set()

        lane = Lane(send, monotonic_us)
        now_us = monotonic_us()
        lane.put(now_us, "at once")
        lane.put(now_us + HOUR_US, "in an hour")
        lane.put(now_us + 2 * HOUR_US, "in two")
        await asyncio.wait_for(first_has_left.wait(), LIMIT_S)
        # It sleeps by now.
        await asyncio.sleep(0)
        lane.hurry(Hurry(now_us, 1 / HOUR_US))
        await asyncio.wait_for(lane.drained(), LIMIT_S)
        assert left == [(now_us, "at once"), (now_us + 1, "in an hour"), (now_us + 2, "in two")]

    asyncio.run(run())


def test_who_gives_up_waiting_does_not_stop_it() -> None:
    async def run() -> None:
        left: list[str] = []

        async def send(leave_us: int, thing: str) -> None:
            left.append(thing)

        lane = Lane(send, monotonic_us)
        now_us = monotonic_us()
        lane.put(now_us + HOUR_US, "late")
        waiting = asyncio.ensure_future(lane.drained())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        lane.put(now_us + HOUR_US, "later")
        lane.hurry(Hurry(now_us, 0))
        await asyncio.wait_for(lane.drained(), LIMIT_S)
        assert left == ["late", "later"]

    asyncio.run(run())


def test_an_error_is_not_lost() -> None:
    async def run() -> None:
        async def send(leave_us: int, thing: str) -> None:
            raise ValueError(thing)

        lane = Lane(send, monotonic_us)
        lane.put(0, "bad")
        with pytest.raises(ValueError, match="bad"):
            await lane.drained()
        with pytest.raises(ValueError, match="bad"):
            lane.put(0, "good")

    asyncio.run(run())


def test_a_cancelled_lane_sends_nothing_more() -> None:
    async def run() -> None:
        left: list[str] = []

        async def send(leave_us: int, thing: str) -> None:
            left.append(thing)

        lane = Lane(send, monotonic_us)
        lane.put(monotonic_us() + HOUR_US, "late")
        await asyncio.sleep(0)
        lane.cancel()
        with pytest.raises(asyncio.CancelledError):
            await lane.drained()
        assert left == []

    asyncio.run(run())


def test_what_is_cleared_does_not_leave_and_nobody_waits_for_it() -> None:
    async def run() -> None:
        left: list[str] = []

        async def send(leave_us: int, thing: str) -> None:
            left.append(thing)

        lane = Lane(send, monotonic_us)
        later_us = monotonic_us() + HOUR_US
        lane.put(later_us, "a")
        lane.put(later_us, "b")
        waiting = asyncio.ensure_future(lane.drained())
        await asyncio.sleep(0)
        assert lane.clear() == ["a", "b"]
        lane.put(0, "c")
        await asyncio.wait_for(waiting, LIMIT_S)
        assert (left, lane.clear()) == (["c"], [])

    asyncio.run(run())
