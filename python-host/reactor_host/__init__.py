"""Write a class that yields frames and sound; reactor-host streams it live. What is not listed here is private."""

from .app import ReactorApp, ReactorPipeline
from .errors import ReactorHostError
from .log import get_logger
from .output import Audio, AudioOptions, Output, Video, VideoOptions
from .state import InputField, InputState

__version__ = "0.1.0"

__all__ = [
    "Audio",
    "AudioOptions",
    "InputField",
    "InputState",
    "Output",
    "ReactorApp",
    "ReactorHostError",
    "ReactorPipeline",
    "Video",
    "VideoOptions",
    "__version__",
    "get_logger",
]
