from __future__ import annotations

from pathlib import Path

import pytest
from reactor_host.credit import AudioCredit, VideoCredit
from reactor_host.frames import Size
from reactor_host.messages import RingFile
from reactor_host.picture import BufferPool, Picture
from reactor_host.ring import Ring


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    path = tmp_path / "ring"
    path.touch()
    return Ring(RingFile(str(path), slot_bytes=4096, slots=8))


def picture(ring: Ring) -> Picture:
    return Picture(Size(2, 2), ring, BufferPool())


def send(credit: VideoCredit, what: Picture | None) -> int:
    assert what is not None
    return credit.departs(what)


def test_the_newest_wins_while_the_window_is_full(ring: Ring) -> None:
    credit = VideoCredit()
    credit.connected(2)
    assert [send(credit, credit.offer(picture(ring))) for _ in range(2)] == [0, 1]
    third, fourth = picture(ring), picture(ring)
    assert credit.offer(third) is None and credit.offer(fourth) is None
    assert (credit.dropped, ring.free_slots) == (1, 8 - 3)
    assert credit.acknowledged(0) is fourth
    assert credit.departs(fourth) == 2
    fourth.release()
    assert (credit.emitted, credit.sent, credit.dropped) == (4, 3, 1)


def test_the_newest_picture_keeps_its_slot_for_refresh(ring: Ring) -> None:
    credit = VideoCredit()
    credit.connected(2)
    for _ in range(2):
        send(credit, credit.offer(picture(ring)))
    credit.acknowledged(1)
    assert ring.free_slots == 7 and credit.settled
    newest = credit.refresh()
    assert newest is not None and credit.departs(newest) == 2
    credit.acknowledged(2)
    assert ring.free_slots == 7
    send(credit, credit.offer(picture(ring)))
    assert ring.free_slots == 7


def test_without_a_connection_pictures_are_dropped_and_the_last_is_kept(ring: Ring) -> None:
    credit = VideoCredit()
    assert credit.offer(picture(ring)) is None and credit.offer(picture(ring)) is None
    assert (credit.dropped, ring.free_slots) == (2, 7)
    credit.connected(2)
    assert credit.refresh() is not None


def test_a_broken_connection_frees_what_was_on_the_way(ring: Ring) -> None:
    credit = VideoCredit()
    credit.connected(1)
    send(credit, credit.offer(picture(ring)))
    assert credit.offer(picture(ring)) is None
    credit.disconnected()
    assert (ring.free_slots, credit.dropped, credit.settled) == (7, 1, True)


def test_a_refresh_waits_for_nothing_and_jumps_no_queue(ring: Ring) -> None:
    credit = VideoCredit()
    credit.connected(1)
    assert credit.refresh() is None
    send(credit, credit.offer(picture(ring)))
    assert credit.refresh() is None


def test_audio_has_room_until_the_window_is_full() -> None:
    credit = AudioCredit()
    credit.connected(1_000_000)
    assert credit.has_room(5_000_000)
    assert [credit.departs(400_000), credit.departs(400_000)] == [0, 1]
    assert credit.has_room(200_000) and not credit.has_room(200_001)
    credit.acknowledged(0)
    assert credit.has_room(600_000)
    credit.acknowledged(1)
    assert credit.settled and credit.has_room(5_000_000)
