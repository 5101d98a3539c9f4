"""Eight seconds of a tone and white pictures at once when asked to speak; `stop` cuts what is left of them."""

import numpy as np
from reactor_host import Audio, Output, ReactorApp, Video, event

FPS = 10
SECONDS = 8
SAMPLE_RATE_HZ = 48_000
TONE_HZ = 440


class Frame(Output):
    main_video: Video
    main_audio: Audio


class Speech(ReactorApp):
    fps = FPS

    def load(self) -> None:
        time_s = np.arange(SECONDS * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
        self._sentence = Frame(
            main_video=np.full((SECONDS * FPS, 240, 320, 3), 235, np.uint8),
            main_audio=(0.5 * np.sin(2 * np.pi * TONE_HZ * time_s)).astype(np.float32),
        )
        self._speaks = False

    @event
    def speak(self) -> None:
        self._speaks = True

    @event
    def stop(self) -> None:
        self.output.flush()

    def generate(self) -> Frame | None:
        speaks, self._speaks = self._speaks, False
        return self._sentence if speaks else None
