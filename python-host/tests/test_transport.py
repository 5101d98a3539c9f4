from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from host import LIMIT_S, SECRET, Host, running_host
from reactor_host import messages
from reactor_host.audio import Piece
from reactor_host.clock import monotonic_us
from reactor_host.errors import ConnectionRefused, UsageError
from reactor_host.inbound import Inbound
from reactor_host.limits import PROTOCOL_VERSION
from reactor_host.picture import Picture
from reactor_host.transport import HostLink, host_url, is_loopback

TRACKS: list[messages.Track] = [
    messages.VideoTrack("main_video", 30.0),
    messages.AudioTrack("main_audio", 48_000, 2),
]
INTERFACE = messages.Interface(description="", commands=[], messages=[], state={})
SECOND = Piece(np.zeros((48_000, 2), np.int16), 0)


def new_link(host: Host, secret: str = SECRET) -> HostLink:
    return link_to(host.url, secret)


def link_to(url: str, secret: str, on_inbound: Callable[[Inbound], None] = lambda _: None) -> HostLink:
    return HostLink(
        url, secret, "Model", "0.1.0", list(TRACKS), INTERFACE, monotonic_us, lambda: None, on_inbound
    )


@asynccontextmanager
async def connected(host: Host) -> AsyncIterator[HostLink]:
    link = new_link(host)
    running = asyncio.ensure_future(link.run())
    try:
        await asyncio.wait_for(link.wait_connected(), LIMIT_S)
        yield link
    finally:
        await link.close()
        running.cancel()
        await asyncio.wait({running})


def picture(link: HostLink, grey: int, side: int = 4) -> Picture:
    made = Picture.of(np.full((side, side, 3), grey, np.uint8), link.ring, link.pool)
    made.capture_us = 1000 + grey
    return made


def luma(grey: int) -> int:
    return round(16 + grey * 219 / 255)


def test_hello_says_what_this_is() -> None:
    async def run() -> None:
        async with running_host() as host, connected(host):
            hello = host.of(messages.Hello)[0]
            assert (hello.version, hello.model, hello.payloads) == (
                PROTOCOL_VERSION,
                "Model",
                ["ring", "inline"],
            )
            assert hello.tracks == TRACKS
            await host.until(lambda: host.of(messages.Status))
            assert host.of(messages.Status)[0].state == "loading"

    asyncio.run(run())


def test_pictures_travel_inline_without_a_ring() -> None:
    async def run() -> None:
        async with running_host() as host, connected(host) as link:
            for grey in (10, 20):
                await link.send_video("main_video", picture(link, grey, side=3))
            await host.until(lambda: len(host.of(messages.Video)) == 2)
            first, second = host.of(messages.Video)
            assert (first.seq, second.seq, first.slot, first.bytes) == (0, 1, None, 24)
            assert (first.width, first.height, first.coded_width, first.coded_height) == (3, 3, 4, 4)
            assert (first.capture_us, second.capture_us) == (1010, 1020)
            assert [len(each) for each in host.payloads("main_video")] == [24, 24]
            assert [each[0] for each in host.payloads("main_video")] == [luma(10), luma(20)]

    asyncio.run(run())


def test_pictures_travel_by_the_ring() -> None:
    async def run() -> None:
        async with running_host(ring_slots=4) as host, connected(host) as link:
            assert host.ring is not None
            host.acknowledges = False
            for grey in (10, 20):
                await link.send_video("main_video", picture(link, grey))
            await host.until(lambda: len(host.of(messages.Video)) == 2)
            content = Path(host.ring["path"]).read_bytes()
            for message, grey in zip(host.of(messages.Video), (10, 20), strict=True):
                assert message.slot is not None
                start = message.slot * host.ring["slot_bytes"]
                assert content[start : start + 16] == bytes([luma(grey)]) * 16
            assert host.payloads("main_video") == [b"", b""]

    asyncio.run(run())


def test_what_does_not_fit_a_slot_travels_inline() -> None:
    async def run() -> None:
        async with running_host(ring_slots=4, slot_bytes=4096) as host, connected(host) as link:
            await link.send_video("main_video", picture(link, 10, side=64))
            await link.send_video("main_video", picture(link, 20))
            await host.until(lambda: len(host.of(messages.Video)) == 2)
            large, small = host.of(messages.Video)
            assert large.slot is None and small.slot is not None
            assert len(host.payloads("main_video")[0]) == large.bytes == 64 * 64 * 3 // 2

    asyncio.run(run())


def test_a_ring_that_is_not_there_is_no_ring() -> None:
    async def run() -> None:
        async with running_host() as host:
            host.ring = {"path": "/does/not/exist", "slot_bytes": 4096, "slots": 4}
            async with connected(host) as link:
                assert link.ring is None
                await link.send_video("main_video", picture(link, 10))
                await host.until(lambda: len(host.of(messages.Video)) == 1)
                assert host.of(messages.Video)[0].slot is None

    asyncio.run(run())


def test_the_newest_wins_while_nothing_is_acknowledged() -> None:
    async def run() -> None:
        async with running_host(ring_slots=8) as host, connected(host) as link:
            host.acknowledges = False
            for grey in range(6):
                await link.send_video("main_video", picture(link, grey))
            await host.until(lambda: len(host.of(messages.Video)) == 2)
            await host.acknowledge(host.of(messages.Video)[0])
            await host.until(lambda: len(host.of(messages.Video)) == 3)
            assert [each.capture_us for each in host.of(messages.Video)] == [1000, 1001, 1005]
            assert [each.seq for each in host.of(messages.Video)] == [0, 1, 2]
            assert host.of(messages.Video)[2].dropped == 3
            # Two on the way, of which the last is the newest.
            assert link.ring is not None and link.ring.free_slots == 6
            assert link.counts()[0] == messages.TrackCounts("main_video", emitted=6, sent=3, dropped=3)

    asyncio.run(run())


def test_refresh_sends_the_newest_again_with_its_stamp() -> None:
    async def run() -> None:
        async with running_host(ring_slots=4) as host, connected(host) as link:
            await link.send_video("main_video", picture(link, 30))
            await host.until(lambda: len(host.of(messages.Video)) == 1)
            for count in (2, 3):
                await host.send({"type": "refresh"})
                await host.until_received(messages.Video, count)
            assert [each.seq for each in host.of(messages.Video)] == [0, 1, 2]
            assert {each.capture_us for each in host.of(messages.Video)} == {1030}
            assert len({each.slot for each in host.of(messages.Video)}) == 1

    asyncio.run(run())


def test_sound_waits_for_credit_and_is_never_dropped() -> None:
    async def run() -> None:
        async with running_host() as host, connected(host) as link:
            host.acknowledges = False
            for second in range(2):
                await link.send_audio("main_audio", SECOND, second * 1_000_000)
            third = asyncio.ensure_future(link.send_audio("main_audio", SECOND, 2_000_000))
            # A clock-ping goes there and back meanwhile.
            await host.send({"type": "clock-ping", "id": 4, "encoder_us": 5})
            await host.until(lambda: host.of(messages.ClockPong))
            assert not third.done() and len(host.of(messages.Audio)) == 2
            await host.acknowledge(host.of(messages.Audio)[0])
            await asyncio.wait_for(third, LIMIT_S)
            await host.until(lambda: len(host.of(messages.Audio)) == 3)
            assert [each.capture_us for each in host.of(messages.Audio)] == [0, 1_000_000, 2_000_000]
            assert [each.seq for each in host.of(messages.Audio)] == [0, 1, 2]
            assert link.counts()[1] == messages.TrackCounts("main_audio", emitted=3, sent=3, dropped=0)

    asyncio.run(run())


def test_the_clock_is_answered_by_the_clock_of_the_stamps() -> None:
    async def run() -> None:
        async with running_host() as host, connected(host):
            before_us = monotonic_us()
            await host.send({"type": "clock-ping", "id": 7, "encoder_us": 123})
            await host.until(lambda: host.of(messages.ClockPong))
            pong = host.of(messages.ClockPong)[0]
            assert (pong.id, pong.encoder_us) == (7, 123)
            assert before_us <= pong.model_us <= monotonic_us()

    asyncio.run(run())


def test_it_connects_again_and_keeps_the_newest_picture() -> None:
    async def run() -> None:
        async with running_host(ring_slots=4) as host, connected(host) as link:
            host.acknowledges = False
            await link.send_video("main_video", picture(link, 10))
            await host.until(lambda: len(host.of(messages.Video)) == 1)
            await link.send_state("running")
            await host.until(lambda: len(host.of(messages.Status)) == 2)
            await host.drop_connection()
            # The file is in use already: the host of the test offers it again, and it is refused.
            await host.until(lambda: host.connections == 2 and len(host.of(messages.Status)) >= 3)
            assert host.of(messages.Status)[-1].state == "running"
            await host.send({"type": "refresh"})
            await host.until(lambda: len(host.of(messages.Video)) == 2)
            again = host.of(messages.Video)[1]
            assert (again.seq, again.capture_us, again.slot) == (1, 1010, None)
            assert host.payloads("main_video")[1][0] == luma(10)

    asyncio.run(run())


def test_without_a_host_frames_are_dropped_and_nobody_waits() -> None:
    async def run() -> None:
        async with running_host() as host:
            link = new_link(host)
            await link.send_video("main_video", picture(link, 1))
            for _ in range(5):
                await link.send_audio("main_audio", SECOND, 0)
            assert [(each.emitted, each.sent, each.dropped) for each in link.counts()] == [
                (1, 0, 1),
                (5, 0, 5),
            ]

    asyncio.run(run())


def test_who_waits_for_credit_goes_on_when_the_connection_breaks() -> None:
    async def run() -> None:
        async with running_host() as host, connected(host) as link:
            host.acknowledges = False
            for second in range(2):
                await link.send_audio("main_audio", SECOND, second)
            third = asyncio.ensure_future(link.send_audio("main_audio", SECOND, 2))
            await host.until(lambda: len(host.of(messages.Audio)) == 2)
            await host.drop_connection()
            await asyncio.wait_for(third, LIMIT_S)

    asyncio.run(run())


@pytest.mark.parametrize("garbage", [b"", b"\x10\0\0\0", b"\x01\0\0\0\xc1"])
def test_garbage_ends_the_connection_and_the_next_one_works(garbage: bytes) -> None:
    async def run() -> None:
        async with running_host() as host, connected(host):
            assert host.socket is not None
            await host.socket.send(garbage)
            await host.until(lambda: len(host.of(messages.Hello)) == 2)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"secret": "wrong"}, "wrong-secret", "HTTP 401"),
        ({"version": 99}, "protocol-version", "version 99"),
        (
            {
                "refusal": {
                    "code": "model-already-connected",
                    "message": "another model is there",
                    "hint": "end it",
                }
            },
            "model-already-connected",
            "another model",
        ),
    ],
)
def test_a_refusal_is_told_and_not_tried_again(change: dict[str, object], code: str, message: str) -> None:
    async def run() -> ConnectionRefused:
        async with running_host() as host:
            secret = str(change.get("secret", SECRET))
            host.version = change.get("version", 1)  # type: ignore[assignment]
            host.refusal = change.get("refusal")  # type: ignore[assignment]
            with pytest.raises(ConnectionRefused) as caught:
                await asyncio.wait_for(new_link(host, secret).run(), LIMIT_S)
            assert host.connections <= 1
            return caught.value

    error = asyncio.run(run())
    assert error.code == code and message in error.message and error.hint


def test_a_refusal_after_a_welcome_is_tried_again() -> None:
    """The host may not have noticed yet that the old connection is gone."""

    async def run() -> None:
        async with running_host() as host, connected(host):
            host.refusal = {"code": "model-already-connected", "message": "still there", "hint": ""}
            await host.drop_connection()
            await host.until(lambda: host.connections == 2)
            host.refusal = None
            await host.until(lambda: host.connections == 3 and host.of(messages.Status)[1:])

    asyncio.run(run())


def test_settle_waits_for_the_last_acknowledgement() -> None:
    async def run() -> None:
        async with running_host() as host, connected(host) as link:
            host.acknowledges = False
            await link.send_audio("main_audio", SECOND, 0)
            settled = asyncio.ensure_future(link.settle(LIMIT_S))
            await host.until(lambda: host.of(messages.Audio))
            assert not settled.done()
            await host.acknowledge(host.of(messages.Audio)[0])
            await asyncio.wait_for(settled, LIMIT_S)

    asyncio.run(run())


def test_only_a_host_of_this_machine_shares_memory() -> None:
    link = link_to("ws://192.0.2.1:1/host", "s")
    assert link._hello.payloads == ["inline"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("ws://127.0.0.1:8080", "ws://127.0.0.1:8080/host"),
        ("127.0.0.1:8080", "ws://127.0.0.1:8080/host"),
        ("wss://example.org/host/", "wss://example.org/host"),
        ("ws://[::1]:80/other", "ws://[::1]:80/other"),
    ],
)
def test_the_address_of_the_host(text: str, url: str) -> None:
    assert host_url(text) == url


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8080", "ws://", "ws://host:99999", "ws://user:pw@host:1", "host:port"]
)
def test_a_wrong_address(text: str) -> None:
    with pytest.raises(UsageError, match="expected ws://HOST:PORT"):
        host_url(text)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("ws://127.0.0.1:1/host", True),
        ("ws://[::1]:1/host", True),
        ("ws://localhost:1/host", True),
        ("ws://127.0.0.1.example.org/host", False),
        ("ws://10.0.0.1/host", False),
    ],
)
def test_what_is_this_machine(url: str, here: bool) -> None:
    assert is_loopback(url) is here
