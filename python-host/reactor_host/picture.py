"""A picture on its way: I420 bytes in a slot of the ring or in a buffer of this process."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from .frames import Rgb, Size, rgb_to_i420
from .ring import Ring
from .wire import HEADER_ROOM_BYTES

# Kept for the next pictures: a batch of 45 at 720p, or of 5 at 4K, waits to be spread without new memory each time.
_KEPT_BYTES = 64 * 1024 * 1024
# Limited range (ITU-R BT.601).
_BLACK_LUMA = 16
_NO_CHROMA = 128


class BufferPool:
    """Buffers with room for a header in front. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[bytearray] = []
        self._kept_bytes = 0

    def take(self, size_bytes: int) -> bytearray:
        wanted = HEADER_ROOM_BYTES + size_bytes
        with self._lock:
            for index, buffer in enumerate(self._kept):
                # Not a much larger one: a thumbnail would pin a 4K buffer.
                if wanted <= len(buffer) <= 2 * wanted:
                    self._kept_bytes -= len(buffer)
                    return self._kept.pop(index)
        return bytearray(wanted)

    def give_back(self, buffer: bytearray) -> None:
        with self._lock:
            self._kept.append(buffer)
            self._kept_bytes += len(buffer)
            while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
                self._kept_bytes -= len(self._kept.pop(0))


class Picture:
    """One converted picture with a count of who still needs it; at zero its memory is used again."""

    def __init__(self, size: Size, ring: Ring | None, pool: BufferPool) -> None:
        """In a slot of `ring` if there is one free, else in a buffer of `pool`. Needed by one, the maker."""
        self.size = size
        self.capture_us = 0
        self._pool = pool
        self._needed = 1
        self.slot = ring.take(size.i420_bytes) if ring else None
        self.ring = ring if self.slot is not None else None
        self.buffer = None if self.slot is not None else pool.take(size.i420_bytes)

    @classmethod
    def of(cls, rgb: Rgb, ring: Ring | None, pool: BufferPool) -> Picture:
        """Convert a checked picture (H, W, 3)."""
        picture = cls(Size(rgb.shape[1], rgb.shape[0]), ring, pool)
        rgb_to_i420(rgb, picture.planes())
        return picture

    @classmethod
    def black(cls, size: Size, pool: BufferPool) -> Picture:
        picture = cls(size, None, pool)
        planes = picture.planes()
        luma_bytes = size.coded_width * size.coded_height
        planes[:luma_bytes] = _BLACK_LUMA
        planes[luma_bytes:] = _NO_CHROMA
        return picture

    def moved_to(self, ring: Ring) -> Picture | None:
        """A copy in a slot of `ring`, with the same stamp; None when there is no slot free."""
        copy = Picture(self.size, ring, self._pool)
        if copy.slot is None:
            copy.release()
            return None
        copy.planes()[:] = self.planes()
        copy.capture_us = self.capture_us
        return copy

    def planes(self) -> npt.NDArray[np.uint8]:
        if self.ring is not None and self.slot is not None:
            return self.ring.view(self.slot, self.size.i420_bytes)
        assert self.buffer is not None
        return np.frombuffer(self.buffer, np.uint8, self.size.i420_bytes, HEADER_ROOM_BYTES)

    def retain(self) -> Picture:
        self._needed += 1
        return self

    def release(self) -> None:
        self._needed -= 1
        if self._needed > 0:
            return
        if self.ring is not None and self.slot is not None:
            self.ring.give_back(self.slot)
        elif self.buffer is not None:
            self._pool.give_back(self.buffer)
        self.ring = self.slot = self.buffer = None
