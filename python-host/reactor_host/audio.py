"""Sound: checking what a model yields, and any rate to 48 kHz int16."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from .errors import AudioError
from .frames import as_array
from .limits import AUDIO_PIECE_SAMPLES, WIRE_SAMPLE_RATE_HZ
from .output import AudioOptions

Samples = npt.NDArray[np.int16]
_EXPECTED = (
    "int16, or float from -1.0 to 1.0, of shape (samples,) or (channels, samples) with 1 or 2 channels"
)
# A mix may overshoot 1.0 and is clipped. Far beyond, the numbers are int16's in a float array, which would be noise.
_LARGEST_FLOAT = 64.0


@dataclass(frozen=True)
class Piece:
    """Up to half a second of sound as it goes on the wire.

    samples: int16 of shape (n, channels), 48 kHz.
    offset_us: when its first sample is due, counted from the step's stamp; below zero for what the resampler held back.
    """

    samples: Samples
    offset_us: int

    @property
    def duration_us(self) -> int:
        return len(self.samples) * 1_000_000 // WIRE_SAMPLE_RATE_HZ


class AudioConverter:
    """One audio track's way to the wire. Keeps the resampler's state, so that pieces join without a click."""

    def __init__(self, track: str, options: AudioOptions) -> None:
        self._track = track
        self._rate_hz = options.sample_rate
        self._channels = int(options.channels)
        self._renew()
        # By the clock of the steps: until when the sound given so far lasts.
        self._lasts_until_us = 0
        self._is_cut = False

    def _new_resampler(self) -> Any:
        if self._rate_hz == WIRE_SAMPLE_RATE_HZ:
            return None
        # `vr`: it always holds back the same 5 ms (44.1 kHz) to 15 (16 kHz). Without, soxr works in blocks and gives after
        # some steps nothing, after others up to 38 ms, for which sound would have to wait. Noise is below -115 dB.
        return soxr.ResampleStream(
            self._rate_hz, WIRE_SAMPLE_RATE_HZ, self._channels, dtype="float32", quality="HQ", vr=True
        )

    def convert(self, value: Any, captured_us: int) -> tuple[list[Piece], int]:
        """The pieces of one step's sound, and its duration in microseconds. Errors: AudioError naming the track."""
        samples = self._checked(value)
        self._begin_anew_if_cut()
        duration_us = len(samples) * 1_000_000 // self._rate_hz
        self._lasts_until_us = max(self._lasts_until_us, captured_us) + duration_us
        if self._resampler is None:
            return _pieces(_as_int16(samples), 0), duration_us
        offset_us = self._lag_us()
        resampled = self._resampler.resample_chunk(_as_float32(samples))
        self._taken += len(samples)
        self._given += len(resampled)
        return _pieces(_as_int16(resampled), offset_us), duration_us

    def skip(self, captured_us: int) -> list[Piece]:
        """A step without sound: what the resampler holds, when the sound that was given is over.

        Sound in bursts goes on: the resampler is not to be ended between two of them.
        """
        return self.finish() if captured_us >= self._lasts_until_us else []

    def finish(self) -> list[Piece]:
        """What the resampler still holds, when the sound pauses or ends. The next step starts afresh."""
        self._begin_anew_if_cut()
        if self._resampler is None or self._taken == 0:
            return []
        offset_us = self._lag_us()
        rest = self._resampler.resample_chunk(np.zeros((0, self._channels), np.float32), last=True)
        self._renew()
        return _pieces(_as_int16(rest), offset_us)

    def cut(self) -> None:
        """What was given so far is not to be heard, nor what the resampler holds of it. Any thread."""
        self._is_cut = True

    def _begin_anew_if_cut(self) -> None:
        if self._is_cut:
            self._is_cut = False
            self._lasts_until_us = 0
            self._renew()

    def _renew(self) -> None:
        self._resampler = self._new_resampler()
        # Samples since it was made, in and out: their difference is what it holds back.
        self._taken = self._given = 0

    def _lag_us(self) -> int:
        return self._given * 1_000_000 // WIRE_SAMPLE_RATE_HZ - self._taken * 1_000_000 // self._rate_hz

    def _checked(self, value: Any) -> npt.NDArray[Any]:
        """As (samples, channels of the track), int16 or float32."""
        try:
            array = as_array(value)
        except Exception as error:
            raise self._error(f"{type(value).__name__} ({error})", "give a NumPy array") from error
        shape = tuple(int(side) for side in array.shape)
        got = f"{array.dtype} {shape}" if array.dtype != object else type(value).__name__
        if array.ndim not in (1, 2):
            raise self._error(got, "one channel is (samples,), two are (2, samples)")
        if array.ndim == 2 and array.shape[0] not in (1, 2):
            turned = array.shape[1] in (1, 2)
            raise self._error(got, "channels come first: use .T" if turned else "mix it down to two channels")
        if array.dtype != np.int16 and not np.issubdtype(array.dtype, np.floating):
            raise self._error(
                got, "convert it: sound.astype(np.int16), or divide by its full scale for float"
            )
        planar = array[np.newaxis] if array.ndim == 1 else array
        if planar.shape[0] > self._channels:
            raise self._error(
                got + ", which is stereo, on a mono track",
                f"declare `{self._track}: Audio`, which is stereo, or give one channel",
                code="audio-channels",
            )
        if planar.dtype != np.int16:
            planar = planar.astype(np.float32, copy=False)
            # One pass finds NaN and infinities as well: both fail the comparison or are above it.
            peak = float(np.max(np.abs(planar), initial=0.0))
            if not np.isfinite(peak):
                bad = int(np.argmax(~np.isfinite(planar).all(axis=0)))
                raise self._error(
                    f"{planar[:, bad].tolist()} at sample {bad}",
                    "look for a division by zero or an overflow in the model",
                    code="audio-not-finite",
                )
            if peak > _LARGEST_FLOAT:
                raise self._error(
                    f"{array.dtype} up to {peak:g}",
                    "divide by 32768 if these are int16 values, or convert with .astype(np.int16)",
                    code="audio-range",
                )
        return np.repeat(planar.T, self._channels // planar.shape[0], axis=1)

    def _error(self, got: str, hint: str, code: str = "audio-shape") -> AudioError:
        return AudioError(code, f"{self._track}: got {got}, expected {_EXPECTED}", hint)


def _as_float32(samples: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    if samples.dtype == np.int16:
        samples = samples.astype(np.float32) / np.float32(32768)
    return np.ascontiguousarray(samples, np.float32)


def _as_int16(samples: npt.NDArray[Any]) -> Samples:
    if samples.dtype == np.int16:
        return np.ascontiguousarray(samples)
    # 32767 on both sides, so that full scale neither wraps nor is lopsided.
    return np.asarray(np.rint(np.clip(samples, -1.0, 1.0) * np.float32(32767)), np.int16)


def _pieces(samples: Samples, offset_us: int) -> list[Piece]:
    return [
        Piece(
            samples[start : start + AUDIO_PIECE_SAMPLES],
            offset_us + start * 1_000_000 // WIRE_SAMPLE_RATE_HZ,
        )
        for start in range(0, len(samples), AUDIO_PIECE_SAMPLES)
    ]
