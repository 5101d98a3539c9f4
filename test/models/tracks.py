"""So many video and audio tracks as REACTOR_TEST_TRACKS says (`4+2`), each with a size or a tone of its own.

`silent_video` and `silent_audio` are declared besides where REACTOR_TEST_SILENT is set, and never yielded.
"""

import os
from collections.abc import Iterator
from typing import Any

from pattern import SAMPLE_RATE_HZ, picture, sine
from reactor_host import Audio, Output, ReactorApp, Video

VIDEOS, AUDIOS = (int(part) for part in os.environ.get("REACTOR_TEST_TRACKS", "1+1").split("+"))
SILENT = bool(os.environ.get("REACTOR_TEST_SILENT"))
FPS = 30

# Video and audio take turns in the declaration, as authors write them in any order.
tracks: dict[str, Any] = {}
for number in range(max(VIDEOS, AUDIOS)):
    if number < AUDIOS:
        tracks[f"sound_{number}"] = Audio
    if number < VIDEOS:
        tracks[f"picture_{number}"] = Video
if SILENT:
    tracks = {"silent_video": Video | None, "silent_audio": Audio | None, **tracks}

Frame = type("Frame", (Output,), {"__annotations__": tracks, "__module__": __name__})


class Tracks(ReactorApp):
    fps = FPS
    output = Frame

    def generate(self) -> Iterator[Output]:
        samples = SAMPLE_RATE_HZ // FPS
        counter = 0
        while True:
            pictures = {f"picture_{at}": picture(160 + 32 * at, 120, counter) for at in range(VIDEOS)}
            sounds = {f"sound_{at}": sine(300 + 200 * at, counter * samples, samples) for at in range(AUDIOS)}
            yield Frame(**pictures, **sounds)
            counter += 1
