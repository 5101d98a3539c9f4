"""The picture that every contestant draws: a wide colour texture that scrolls, and a stamp that survives compression.

The stamp is three rows of 32 cells, black for 0 and white for 1, the highest bit of a byte first:
1 byte 0xB2, 6 bytes time.monotonic_ns() // 1000, 3 bytes index of the picture, 2 bytes CRC-16 of the 10 before (CCITT,
begun with 0xFFFF); all big-endian. A cell is width/64 x height/30, so the stamp can be read from a scaled picture too.
It stands along the top twice, side by side, because Chromium's AV1 encoder leaves blocks of 64 x 16 of it as they were
in some pictures. bench/stamp.ts reads it.
"""

from __future__ import annotations

import binascii
import os
import sys
import time

import cv2
import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]

STAMP_COLUMNS = 32
STAMP_COPIES = 2
STAMP_ROWS = 3
STAMP_ROWS_PER_PICTURE = 30
SYNC_BYTE = 0xB2
# Odd: every other picture falls between the chroma samples of the one before. An even step is a pure shift, which VP9 codes
# with next to no residue (1.3 Mbps and 51 dB at 720p30, instead of 8.8): no picture of a model is like that.
SCROLL_PX = 3
# Random cells of this size, smoothly interpolated: detail that a codec has to work for, as the picture of a model is.
CELL_PX = 8


def stamp_bytes(time_us: int, index: int) -> bytes:
    """The 12 bytes of a stamp: 48 bits of time, 24 of index."""
    body = bytes([SYNC_BYTE]) + time_us.to_bytes(6, "big") + index.to_bytes(3, "big")
    return body + binascii.crc_hqx(body, 0xFFFF).to_bytes(2, "big")


def draw_stamp(picture: Rgb, stamp: bytes) -> None:
    """Write it into the top of an RGB picture (H, W, 3), whose width is a multiple of 64 and height of 30."""
    height, width, _ = picture.shape
    bits = np.unpackbits(np.frombuffer(stamp, np.uint8)).reshape(STAMP_ROWS, STAMP_COLUMNS) * np.uint8(255)
    copies = np.tile(bits, (1, STAMP_COPIES))
    cells = copies.repeat(height // STAMP_ROWS_PER_PICTURE, 0).repeat(width // copies.shape[1], 1)
    picture[: cells.shape[0]] = cells[:, :, None]


def texture(width: int, height: int) -> Rgb:
    """RGB (height, 3 * width, 3): 2 * width columns of pattern that go on seamlessly, so that nothing ever jumps."""
    rows, columns = -(-height // CELL_PX), 2 * width // CELL_PX
    cells = np.random.default_rng(1).integers(0, 255, (rows, columns, 3), np.uint8)
    around = np.concatenate([cells[:, -1:], cells, cells[:, : columns // 2 + 1]], 1)
    wide = cv2.resize(
        around,
        (around.shape[1] * CELL_PX, rows * CELL_PX),
        interpolation=cv2.INTER_LINEAR,
    )
    return np.ascontiguousarray(wide[:height, CELL_PX : CELL_PX + 3 * width])


class Picture:
    """Draws picture after picture."""

    def __init__(self, width: int, height: int) -> None:
        if width % (STAMP_COPIES * STAMP_COLUMNS) or height % STAMP_ROWS_PER_PICTURE or width % CELL_PX:
            raise ValueError(
                f"got {width}x{height}: the stamp needs a width that is a multiple of 64, a height of 30"
            )
        self.width = width
        self.height = height
        self._texture = texture(width, height)

    def draw(self, index: int) -> Rgb:
        """Picture number `index`, RGB (H, W, 3), stamped with the time of this moment."""
        left = index * SCROLL_PX % (2 * self.width)
        picture = self._texture[:, left : left + self.width].copy()
        draw_stamp(picture, stamp_bytes(time.monotonic_ns() // 1000, index))
        return picture


class PacedPicture(Picture):
    """A model that takes 1/fps for each picture: waits for the moment, then draws."""

    def __init__(self, width: int, height: int, fps: float) -> None:
        super().__init__(width, height)
        self.fps = fps
        self._begin_s: float | None = None
        self._index = 0

    @classmethod
    def from_environment(cls) -> PacedPicture:
        """Sized by BENCH_WIDTH, BENCH_HEIGHT and BENCH_FPS."""
        return cls(
            int(os.environ.get("BENCH_WIDTH", "1280")),
            int(os.environ.get("BENCH_HEIGHT", "720")),
            float(os.environ.get("BENCH_FPS", "30")),
        )

    @property
    def wait_s(self) -> float:
        """Seconds until the next picture is due."""
        now_s = time.monotonic()
        if self._begin_s is None or now_s - self._begin_s - self._index / self.fps > 1:
            # The first, or the first after a pause: pictures are not made up for.
            self._begin_s = now_s - self._index / self.fps
        return max(0.0, self._begin_s + self._index / self.fps - now_s)

    def next(self) -> Rgb:
        """Wait until the next picture is due and draw it."""
        time.sleep(self.wait_s)
        return self.draw_due()

    def draw_due(self) -> Rgb:
        """Draw the next picture now: for a caller that has waited by itself."""
        picture = self.draw(self._index)
        self._index += 1
        return picture


def main() -> None:
    """`picture.py reference WIDTH HEIGHT` writes the luma of the texture, `picture.py picture WIDTH HEIGHT INDEX TIME_US`
    the luma of one stamped picture: 8 bit, BT.601 limited range, row by row."""
    what, width, height, *rest = sys.argv[1:]
    if what == "reference":
        rgb = texture(int(width), int(height))
    else:
        rgb = Picture(int(width), int(height)).draw(int(rest[0]))
        draw_stamp(rgb, stamp_bytes(int(rest[1]), int(rest[0])))
    rows = rgb.shape[0]
    # OpenCV's I420 needs even sides; the texture is wide enough for any picture, so nothing of it is lost.
    even = np.pad(rgb, ((0, rows % 2), (0, rgb.shape[1] % 2), (0, 0)), mode="edge")
    luma = cv2.cvtColor(even, cv2.COLOR_RGB2YUV_I420)[:rows, : rgb.shape[1]]
    sys.stdout.buffer.write(np.ascontiguousarray(luma).tobytes())


if __name__ == "__main__":
    main()
