from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reactor_host import AudioOptions
from reactor_host.audio import AudioConverter, Piece
from reactor_host.errors import AudioError


def converter(sample_rate: int = 48_000, channels: Any = 2) -> AudioConverter:
    return AudioConverter("main_audio", AudioOptions(sample_rate, channels))


def joined(pieces: list[Piece]) -> np.ndarray:
    return np.concatenate([piece.samples for piece in pieces])


def test_int16_at_48_khz_is_untouched() -> None:
    stereo = np.array([[1, -32768, 3], [32767, 5, 6]], np.int16)
    pieces, duration_us = converter().convert(stereo, 0)
    assert (joined(pieces) == stereo.T).all() and pieces[0].samples.flags.c_contiguous
    assert (pieces[0].offset_us, duration_us) == (0, 62)


def test_mono_is_heard_on_both_sides() -> None:
    for mono in (np.array([1, 2], np.int16), np.array([[1, 2]], np.int16)):
        assert joined(converter().convert(mono, 0)[0]).tolist() == [[1, 1], [2, 2]]
    assert joined(converter(channels=1).convert(np.array([1, 2], np.int16), 0)[0]).tolist() == [[1], [2]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_float_is_scaled_and_clipped(dtype: Any) -> None:
    sound = np.array([0, 1, -1, 1.5, -1.5, 0.5], dtype)
    assert joined(converter(channels=1).convert(sound, 0)[0])[:, 0].tolist() == [
        0,
        32767,
        -32767,
        32767,
        -32767,
        16384,
    ]


def assert_sine(sound: np.ndarray) -> None:
    """440 Hz of half of full scale that begins at 0, at 48 kHz. The edges ring; in between it is one sine."""
    time_s = np.arange(len(sound))[4800:-4800] / 48_000
    waves = np.stack([np.sin(2 * np.pi * 440 * time_s), np.cos(2 * np.pi * 440 * time_s)], axis=1)
    fit, *_ = np.linalg.lstsq(waves, sound[4800:-4800], rcond=None)
    assert np.abs(sound[4800:-4800] - waves @ fit).max() < 0.002
    assert abs(np.hypot(*fit) - 0.5) < 0.002
    # A phase of up to 50 us: the resampler's own grid.
    assert abs(np.arctan2(fit[1], fit[0])) / (2 * np.pi * 440) < 50e-6


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 96_000])
def test_any_rate_arrives_as_one_tone(rate: int) -> None:
    """2 s of 440 Hz in uneven blocks: no sample lost, no jump at the joints, stamps that follow the sound."""
    made = converter(rate, 1)
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)).astype(np.float32)
    got: list[np.ndarray] = []
    start = 0
    for length in [rate // 100, rate // 30, rate // 7] * 20:
        block = tone[start : start + length]
        if len(block) == 0:
            break
        begin_us = start * 1_000_000 // rate
        pieces, _ = made.convert(block, begin_us)
        for piece in pieces:
            expected_us = sum(map(len, got)) * 1_000_000 // 48_000
            assert abs(begin_us + piece.offset_us - expected_us) <= 2
            got.append(piece.samples)
        start += length
    got += [piece.samples for piece in made.finish()]
    sound = np.concatenate(got)[:, 0] / 32767
    assert abs(len(sound) - 96_000) <= 1
    assert_sine(sound)


@pytest.mark.parametrize(("rate", "dtype"), [(44_100, np.int16), (22_050, np.float32), (48_000, np.float64)])
def test_both_sides_are_resampled_each_for_itself(rate: int, dtype: Any) -> None:
    made = converter(rate)
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)
    stereo = np.stack([tone, np.zeros_like(tone)])
    if dtype is np.int16:
        stereo = stereo * 32767
    pieces = []
    for start in range(0, 2 * rate, rate // 30):
        block = stereo[:, start : start + rate // 30].astype(dtype)
        pieces += made.convert(block, start * 1_000_000 // rate)[0]
    sound = joined(pieces + made.finish()) / 32767
    assert abs(len(sound) - 96_000) <= 1
    assert_sine(sound[:, 0])
    assert np.abs(sound[:, 1]).max() < 1e-4


@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100])
def test_what_is_held_back_is_little_and_always_the_same(rate: int) -> None:
    made = converter(rate, 1)
    held_us = []
    for step in range(60):
        pieces, _ = made.convert(np.zeros(rate // 30, np.int16), step * 33_333)
        held_us.append(pieces[0].offset_us)
    assert min(held_us[1:]) >= -20_000
    assert max(held_us[1:]) - min(held_us[1:]) < 100


def test_bursts_between_steps_without_sound_are_one_tone() -> None:
    """0.5 s of sound in one step of fifteen: the resampler goes on, until a burst does not come."""
    made = converter(24_000, 1)
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(36_000) / 24_000)).astype(np.float32)
    got: list[np.ndarray] = []
    for step in range(45):
        captured_us = step * 1_000_000 // 30
        burst, at = divmod(step, 15)
        if at == 0:
            pieces, _ = made.convert(tone[burst * 12_000 : (burst + 1) * 12_000], captured_us)
        else:
            pieces = made.skip(captured_us)
        got += [piece.samples for piece in pieces]
    assert sum(map(len, got)) < 72_000
    got += [piece.samples for piece in made.skip(1_500_000)]
    sound = np.concatenate(got)[:, 0] / 32767
    assert_sine(sound)


def test_finish_starts_afresh() -> None:
    made = converter(16_000)
    made.convert(np.zeros(1600, np.int16), 0)
    assert len(joined(made.finish())) > 0
    assert made.finish() == []
    assert made.convert(np.zeros(1600, np.int16), 0)[0][0].offset_us == 0
    assert converter().finish() == []


def test_a_long_sound_is_cut_into_pieces() -> None:
    pieces, duration_us = converter().convert(np.zeros(60_000, np.int16), 0)
    assert [(len(piece.samples), piece.offset_us) for piece in pieces] == [
        (24_000, 0),
        (24_000, 500_000),
        (12_000, 1_000_000),
    ]
    assert [piece.duration_us for piece in pieces] == [500_000, 500_000, 250_000]
    assert duration_us == 1_250_000


def test_no_sound_is_no_piece() -> None:
    assert converter().convert(np.zeros(0, np.int16), 0) == ([], 0)


@pytest.mark.parametrize(
    ("value", "got", "hint", "code"),
    [
        (np.zeros((100, 2), np.int16), "int16 (100, 2)", "use .T", "audio-shape"),
        (np.zeros((6, 100), np.int16), "int16 (6, 100)", "mix it down", "audio-shape"),
        (np.zeros((1, 2, 100), np.int16), "int16 (1, 2, 100)", "(2, samples)", "audio-shape"),
        (np.zeros(100, np.int32), "int32 (100,)", "astype", "audio-shape"),
        (np.zeros(100, np.uint8), "uint8 (100,)", "astype", "audio-shape"),
        (object(), "object", "", "audio-shape"),
        (np.array([0, np.nan], np.float32), "[nan] at sample 1", "division by zero", "audio-not-finite"),
        (
            np.array([[0, 0], [0, np.inf]], np.float64),
            "[0.0, inf] at sample 1",
            "overflow",
            "audio-not-finite",
        ),
        (np.array([0, 12000.0], np.float32), "float32 up to 12000", "32768", "audio-range"),
    ],
)
def test_wrong_sound_is_told_with_track_got_and_expected(value: Any, got: str, hint: str, code: str) -> None:
    with pytest.raises(AudioError) as caught:
        converter().convert(value, 0)
    assert caught.value.message.startswith(f"main_audio: got {got}, expected int16, or float")
    assert hint in caught.value.hint
    assert caught.value.code == code


def test_stereo_on_a_mono_track() -> None:
    with pytest.raises(AudioError, match="stereo, on a mono track"):
        converter(channels=1).convert(np.zeros((2, 10), np.int16), 0)


def test_after_a_cut_nothing_of_the_sound_before_is_heard() -> None:
    loud = np.full(1600, 0.5, np.float32)
    quiet = np.zeros(1600, np.float32)
    each = converter(16_000)
    each.convert(loud, 0)
    each.cut()
    pieces, _ = each.convert(quiet, 100_000)
    assert not joined(pieces).any()
    assert pieces[0].offset_us == 0
    each.cut()
    assert each.finish() == []
