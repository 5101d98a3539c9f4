"""Pictures: checking what a model yields, and RGB to I420."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .errors import VideoError
from .limits import MAX_PAYLOAD_BYTES, MAX_SIDE_SAMPLES

Rgb = npt.NDArray[np.uint8]
_EXPECTED = "uint8 (H, W, 3) or (N, H, W, 3)"


@dataclass(frozen=True)
class Size:
    """Of a picture in samples. What is coded is even, because I420 halves the chroma planes in both directions."""

    width: int
    height: int

    @property
    def coded_width(self) -> int:
        return self.width + self.width % 2

    @property
    def coded_height(self) -> int:
        return self.height + self.height % 2

    @property
    def i420_bytes(self) -> int:
        return self.coded_width * self.coded_height * 3 // 2


def as_array(value: Any) -> npt.NDArray[Any]:
    """A NumPy array of what the author gave. A tensor on a GPU is copied to memory; torch itself is never imported."""
    if isinstance(value, np.ndarray):
        return value
    if callable(getattr(value, "detach", None)) and callable(getattr(value, "cpu", None)):
        value = value.detach().cpu()
    return np.asarray(value)


def check_video(track: str, value: Any) -> list[Rgb]:
    """The pictures of one step, each (H, W, 3); views of the author's array, not copies.

    Errors: VideoError with code `video-shape`, naming track, got and expected.
    """
    try:
        array = as_array(value)
    except Exception as error:
        raise VideoError(
            "video-shape",
            f"{track}: got {type(value).__name__} ({error}), expected {_EXPECTED}",
            "give a NumPy array, or a tensor that NumPy can read",
        ) from error
    got = f"{array.dtype} {_shape(array)}" if array.dtype != object else type(value).__name__
    if array.dtype != np.uint8 or array.ndim not in (3, 4) or array.shape[-1] != 3 or 0 in array.shape:
        raise VideoError("video-shape", f"{track}: got {got}, expected {_EXPECTED}", _hint(track, array))
    height, width = array.shape[-3], array.shape[-2]
    size = Size(width, height)
    if max(size.coded_width, size.coded_height) > MAX_SIDE_SAMPLES or size.i420_bytes > MAX_PAYLOAD_BYTES:
        raise VideoError(
            "video-too-large",
            f"{track}: got {width}x{height}, expected sides below {MAX_SIDE_SAMPLES} "
            f"and at most {MAX_PAYLOAD_BYTES * 2 // 3} samples",
            "make the picture smaller",
        )
    return [array] if array.ndim == 3 else list(array)


def _shape(array: npt.NDArray[Any]) -> str:
    return str(tuple(int(side) for side in array.shape))


def _hint(track: str, array: npt.NDArray[Any]) -> str:
    if 0 in array.shape:
        return f"leave {track} out of the step instead of giving an empty array (declare it `Video | None`)"
    if array.ndim in (3, 4) and array.shape[-1] not in (3, 4) and array.shape[-3] == 3:
        turned = "(1, 2, 0)" if array.ndim == 3 else "(0, 2, 3, 1)"
        also = "" if array.dtype == np.uint8 else ", and convert to uint8"
        return f"channels come last: use .transpose{turned} (NumPy) or .permute{turned} (PyTorch){also}"
    if array.ndim in (3, 4) and array.shape[-1] == 4:
        return "leave the alpha channel out: picture[..., :3]"
    if array.ndim == 2 or (array.ndim in (3, 4) and array.shape[-1] == 1):
        return "a grey picture is given as RGB: np.repeat(grey[..., None], 3, axis=-1)"
    if np.issubdtype(array.dtype, np.floating):
        return "from 0.0 to 1.0: (picture * 255).clip(0, 255).astype(np.uint8)"
    if array.dtype != np.uint8 and array.dtype.kind in "uib":
        return "convert it: picture.clip(0, 255).astype(np.uint8)"
    return "give the picture's height, width and its three colours red, green, blue, in this order"


def rgb_to_i420(rgb: Rgb, out: npt.NDArray[np.uint8]) -> None:
    """Write the planes Y, U, V of `rgb` (H, W, 3), without padding, into `out`, uint8 of `Size.i420_bytes`.

    ITU-R BT.601, limited range. An odd side is made even by repeating its last row or column.
    """
    height, width = rgb.shape[:2]
    size = Size(width, height)
    if (size.coded_width, size.coded_height) != (width, height):
        rgb = np.asarray(
            cv2.copyMakeBorder(
                rgb, 0, size.coded_height - height, 0, size.coded_width - width, cv2.BORDER_REPLICATE
            ),
            dtype=np.uint8,
        )
    elif rgb.strides[2] != 1 or rgb.strides[1] != 3 or rgb.strides[0] < 3 * width:
        rgb = np.ascontiguousarray(rgb)
    planes = out.reshape(size.coded_height * 3 // 2, size.coded_width)
    cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420, dst=planes)
