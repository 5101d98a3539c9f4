"""The shared-memory ring: a file that the host made and this process fills, slot by slot."""

from __future__ import annotations

import mmap
import os
import stat
import sys
import threading

import numpy as np
import numpy.typing as npt

from .messages import RingFile

# Larger than any host asks for (32 slots of 64 MiB): a wrong number must not map the machine's memory away.
MAX_RING_BYTES = 16 * 1024**3


class RingError(Exception):
    """The ring cannot be used; pictures then travel inside the messages."""


class Ring:
    """Slots of one ring file, free or taken. May be used from several threads.

    Pages of a slot are reserved the first time they are used, so that a full /dev/shm is an OSError here (and the
    picture travels inline) and not a SIGBUS in the middle of OpenCV.
    """

    def __init__(self, file: RingFile) -> None:
        """Open and size the file. Raises RingError unless it is the empty regular file of ours that hosts make."""
        self.slot_bytes = file.slot_bytes
        self.slots = file.slots
        size_bytes = file.slot_bytes * file.slots
        if size_bytes > MAX_RING_BYTES:
            raise RingError(f"got a ring of {size_bytes} bytes, expected at most {MAX_RING_BYTES}")
        flags = (
            os.O_RDWR
            | getattr(os, "O_NOFOLLOW", 0)
            | getattr(os, "O_CLOEXEC", 0)
            | getattr(os, "O_BINARY", 0)
        )
        try:
            self._fd = os.open(file.path, flags)
        except OSError as error:
            raise RingError(f"the ring file cannot be opened: {error}") from error
        try:
            _refuse_foreign(os.fstat(self._fd))
            os.ftruncate(self._fd, size_bytes)
            self._map = mmap.mmap(self._fd, size_bytes)
        except (OSError, ValueError) as error:
            os.close(self._fd)
            raise RingError(f"the ring file cannot be mapped: {error}") from error
        except RingError:
            os.close(self._fd)
            raise
        self._lock = threading.Lock()
        # The slot freed last is used next: its pages are there and warm.
        self._free = list(reversed(range(file.slots)))
        self._reserved_bytes = [0] * file.slots
        self._views = [
            np.frombuffer(self._map, np.uint8, file.slot_bytes, index * file.slot_bytes)
            for index in range(file.slots)
        ]

    def take(self, size_bytes: int) -> int | None:
        """A free slot with room for so many bytes; None when there is none."""
        if size_bytes > self.slot_bytes:
            return None
        with self._lock:
            if not self._free:
                return None
            slot = self._free[-1]
            if self._reserved_bytes[slot] < size_bytes:
                try:
                    self._reserve(slot, size_bytes)
                except OSError:
                    return None
            self._free.pop()
            return slot

    def give_back(self, slot: int) -> None:
        """The picture in this slot is needed no more."""
        with self._lock:
            self._free.append(slot)

    def view(self, slot: int, size_bytes: int) -> npt.NDArray[np.uint8]:
        """The first bytes of a slot, writable."""
        return self._views[slot][:size_bytes]

    @property
    def free_slots(self) -> int:
        with self._lock:
            return len(self._free)

    def close(self) -> None:
        """Close the file. The mapping lives on for as long as a picture in it does."""
        with self._lock:
            self._free.clear()
            if self._fd >= 0:
                os.close(self._fd)
            self._fd = -1

    def _reserve(self, slot: int, size_bytes: int) -> None:
        if self._fd < 0:
            raise OSError("closed")
        start, length = slot * self.slot_bytes, size_bytes
        if sys.platform == "linux":
            os.posix_fallocate(self._fd, start, length)
        elif hasattr(os, "pwrite"):
            # macOS has no posix_fallocate; writing zeros takes the pages too, and says so when there are none.
            written = 0
            while written < length:
                written += os.pwrite(self._fd, b"\0" * min(1 << 20, length - written), start + written)
        self._reserved_bytes[slot] = size_bytes


def _refuse_foreign(found: os.stat_result) -> None:
    """A host that names another file of this user (or of somebody else) must not get it written over."""
    if not stat.S_ISREG(found.st_mode) or found.st_size != 0:
        raise RingError("the ring file is not an empty regular file")
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        raise RingError("the ring file belongs to another user")
