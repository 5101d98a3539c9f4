"""Sound as models really yield it: too fast, too slow, in bursts, and every step a little late.

`fast` has 0.5 % more samples than its time, `slow` 0.5 % fewer, `bursts` half a second at once, seven steps of eight
without any. Between them they use each form that sound may have: float and int16, one channel and two, three rates.
"""

import time
from collections.abc import Iterator
from typing import Annotated

import numpy as np
from reactor_host import Audio, AudioOptions, Output, ReactorApp, Video

FPS = 30
DRIFT = 0.005
BURST_STEPS = 15
# How late the steps are in turn, in seconds: a model's time a step is never even.
LATE_S = (0.0, 0.012, 0.004, 0.016, 0.0, 0.008)
LEFT_HZ, RIGHT_HZ = 440.0, 660.0


class Frame(Output):
    main_video: Video
    fast: Audio
    slow: Annotated[Audio, AudioOptions(sample_rate=24_000, channels=1, bitrate_bps=48_000)]
    bursts: Annotated[Audio, AudioOptions(sample_rate=44_100)] | None


def tone(hz: float, rate_hz: int, begin: int, end: int) -> np.ndarray:
    """Float32 `(samples,)`, going on without a jump from one call to the next."""
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(begin, end) / rate_hz)).astype(np.float32)


class Tones(ReactorApp):
    fps = FPS

    def generate(self) -> Iterator[Frame]:
        picture = np.full((120, 160, 3), 128, np.uint8)
        step = 0
        while True:
            time.sleep(LATE_S[step % len(LATE_S)])
            begin, end = (round(at * (1 + DRIFT) * 48_000 / FPS) for at in (step, step + 1))
            fast = np.stack([tone(hz, 48_000, begin, end) for hz in (LEFT_HZ, RIGHT_HZ)])
            begin, end = (round(at * (1 - DRIFT) * 24_000 / FPS) for at in (step, step + 1))
            slow = (tone(LEFT_HZ, 24_000, begin, end) * 32_767).astype(np.int16)
            bursts = None
            if step % BURST_STEPS == 0:
                begin, end = (at * 44_100 // FPS for at in (step, step + BURST_STEPS))
                bursts = tone(LEFT_HZ, 44_100, begin, end)
            yield Frame(main_video=picture, fast=fast, slow=slow, bursts=bursts)
            step += 1
