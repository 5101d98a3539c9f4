from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reactor_host.errors import VideoError
from reactor_host.frames import Size, check_video, rgb_to_i420


def convert(rgb: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    size = Size(rgb.shape[1], rgb.shape[0])
    out = np.empty(size.i420_bytes, np.uint8)
    rgb_to_i420(rgb, out)
    luma = size.coded_width * size.coded_height
    y = out[:luma].reshape(size.coded_height, size.coded_width)
    u, v = out[luma:].reshape(2, size.coded_height // 2, size.coded_width // 2)
    return y, u, v


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [
        # ITU-R BT.601, limited range: Y = 16 + 65.5 R + 128.6 G + 25.0 B and so on.
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (82, 90, 240)),
        ((0, 255, 0), (145, 54, 34)),
        ((0, 0, 255), (41, 240, 110)),
    ],
)
def test_colours_are_bt601_limited(rgb: tuple[int, int, int], yuv: tuple[int, int, int]) -> None:
    planes = convert(np.full((4, 6, 3), rgb, np.uint8))
    for plane, expected in zip(planes, yuv, strict=True):
        assert np.abs(plane.astype(int) - expected).max() <= 1


@pytest.mark.parametrize(("width", "height"), [(1, 1), (5, 4), (4, 5), (161, 121)])
def test_odd_sides_repeat_the_edge(width: int, height: int) -> None:
    rgb = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    y, u, _ = convert(rgb)
    assert y.shape == (height + height % 2, width + width % 2)
    assert u.shape == (y.shape[0] // 2, y.shape[1] // 2)
    if height % 2:
        assert (y[-1] == y[-2]).all()
    if width % 2:
        assert (y[:, -1] == y[:, -2]).all()


def test_views_give_the_same_as_copies() -> None:
    big = np.random.default_rng(2).integers(0, 255, (40, 60, 3), np.uint8)
    for view in (
        big[::-1],
        big[:, ::-1],
        big[4:20, 6:30],
        big[::2, ::2],
        big[..., ::-1],
        big.transpose(1, 0, 2),
    ):
        for got, expected in zip(convert(view), convert(view.copy()), strict=True):
            assert (got == expected).all()


def test_a_batch_becomes_pictures() -> None:
    batch = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    pictures = check_video("t", batch)
    assert len(pictures) == 2 and (pictures[1] == batch[1]).all()
    assert len(check_video("t", [batch[0], batch[1]])) == 2
    assert np.shares_memory(check_video("t", batch[0])[0], batch)


class Tensor:
    """As much of a PyTorch tensor on a GPU as NumPy notices."""

    def __init__(self, on_gpu: bool = True) -> None:
        self.on_gpu = on_gpu

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return Tensor(on_gpu=False)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        if self.on_gpu:
            raise TypeError("can't convert cuda:0 device type tensor to numpy")
        return np.zeros((2, 2, 3), np.uint8)


def test_a_tensor_is_copied_from_its_device() -> None:
    assert check_video("t", Tensor())[0].shape == (2, 2, 3)


@pytest.mark.parametrize(
    ("value", "got", "hint"),
    [
        (np.zeros((3, 72, 128), np.float32), "float32 (3, 72, 128)", "transpose(1, 2, 0)"),
        (np.zeros((5, 3, 72, 128), np.uint8), "uint8 (5, 3, 72, 128)", "transpose(0, 2, 3, 1)"),
        (np.zeros((72, 128, 3), np.float64), "float64 (72, 128, 3)", "* 255"),
        (np.zeros((72, 128, 3), np.int32), "int32 (72, 128, 3)", "astype(np.uint8)"),
        (np.zeros((72, 128, 4), np.uint8), "uint8 (72, 128, 4)", "[..., :3]"),
        (np.zeros((72, 128), np.uint8), "uint8 (72, 128)", "np.repeat"),
        (np.zeros((0, 72, 128, 3), np.uint8), "uint8 (0, 72, 128, 3)", "leave t out"),
        ("picture.png", "<U11 ()", "give"),
        (object(), "object", "give"),
        ([np.zeros((2, 2, 3)), np.zeros((3, 2, 3))], "list", "NumPy"),
    ],
)
def test_a_wrong_picture_is_told_with_track_got_and_expected(value: Any, got: str, hint: str) -> None:
    with pytest.raises(VideoError) as caught:
        check_video("t", value)
    assert caught.value.code == "video-shape"
    assert caught.value.message.startswith(f"t: got {got}")
    assert caught.value.message.endswith("expected uint8 (H, W, 3) or (N, H, W, 3)")
    assert hint in caught.value.hint


@pytest.mark.parametrize("shape", [(1, 16384, 3), (2, 16383, 3), (8000, 8000, 3)])
def test_a_picture_beyond_the_limits(shape: tuple[int, ...]) -> None:
    with pytest.raises(VideoError, match=f"t: got {shape[1]}x{shape[0]}"):
        check_video("t", np.broadcast_to(np.uint8(0), shape))
