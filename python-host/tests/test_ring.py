from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from reactor_host.frames import Size
from reactor_host.messages import RingFile
from reactor_host.picture import BufferPool, Picture
from reactor_host.ring import Ring, RingError


@pytest.fixture
def file(tmp_path: Path) -> RingFile:
    path = tmp_path / "ring"
    path.touch(0o600)
    return RingFile(str(path), slot_bytes=8192, slots=3)


def test_a_slot_is_a_place_in_the_file(file: RingFile) -> None:
    ring = Ring(file)
    slots = [ring.take(100), ring.take(100), ring.take(100)]
    assert sorted(slots, key=str) == [0, 1, 2] and ring.take(100) is None
    ring.view(2, 100)[:] = 7
    content = Path(file.path).read_bytes()
    assert len(content) == 3 * 8192
    assert content[2 * 8192 : 2 * 8192 + 101] == b"\7" * 100 + b"\0"


def test_a_slot_is_used_again_once_given_back(file: RingFile) -> None:
    ring = Ring(file)
    first = ring.take(100)
    assert first is not None
    ring.give_back(first)
    # The warm one first.
    assert ring.take(100) == first and ring.free_slots == 2


def test_what_does_not_fit_gets_no_slot(file: RingFile) -> None:
    assert Ring(file).take(8193) is None


def test_only_what_is_used_takes_memory(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    path.touch()
    ring = Ring(RingFile(str(path), slot_bytes=64 << 20, slots=32))
    before = path.stat().st_blocks
    assert ring.take(1 << 20) is not None
    assert path.stat().st_size == 2 << 30
    assert path.stat().st_blocks - before <= (1 << 20) // 512 + 64


def test_a_full_disk_is_no_slot_and_not_a_crash(file: RingFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    ring = Ring(file)
    monkeypatch.setattr(os, "posix_fallocate", full)
    assert ring.take(100) is None
    assert ring.free_slots == 3


def test_another_file_is_never_written_over(tmp_path: Path) -> None:
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")
    with pytest.raises(RingError, match="not an empty regular file"):
        Ring(RingFile(str(mine), 8192, 2))
    assert mine.read_text() == "years of work"
    link = tmp_path / "link"
    empty = tmp_path / "empty"
    empty.touch()
    link.symlink_to(empty)
    for path in (link, tmp_path / "missing", tmp_path):
        with pytest.raises(RingError):
            Ring(RingFile(str(path), 8192, 2))
    assert empty.stat().st_size == 0
    with pytest.raises(RingError, match="at most"):
        Ring(RingFile(str(empty), 1 << 40, 32))


def test_a_picture_frees_its_slot_when_nobody_needs_it(file: RingFile) -> None:
    ring, pool = Ring(file), BufferPool()
    picture = Picture.of(np.full((4, 4, 3), 255, np.uint8), ring, pool)
    assert picture.slot is not None and ring.free_slots == 2
    picture.retain()
    picture.release()
    assert ring.free_slots == 2 and picture.planes()[0] == 235
    picture.release()
    assert ring.free_slots == 3


def test_a_picture_without_a_slot_is_in_a_buffer_that_is_used_again(file: RingFile) -> None:
    ring, pool = Ring(file), BufferPool()
    large = Picture(Size(100, 100), ring, pool)
    assert large.slot is None and large.buffer is not None
    buffer = large.buffer
    large.release()
    assert Picture(Size(100, 100), None, pool).buffer is buffer
    # A much smaller picture does not pin it.
    pool.give_back(buffer)
    assert Picture(Size(10, 10), None, pool).buffer is not buffer


def test_a_picture_moves_into_the_ring_with_its_stamp(file: RingFile) -> None:
    ring, pool = Ring(file), BufferPool()
    picture = Picture.of(np.full((4, 4, 3), 255, np.uint8), None, pool)
    picture.capture_us = 77
    moved = picture.moved_to(ring)
    assert moved is not None and moved.slot is not None
    assert (moved.capture_us, moved.planes().tobytes()) == (77, picture.planes().tobytes())
    assert Picture(Size(100, 100), None, pool).moved_to(ring) is None
