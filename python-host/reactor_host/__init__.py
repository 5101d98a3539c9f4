"""Write a class that yields frames and sound; reactor-host streams it live. What is not listed here is private."""

from .app import OutputStream, ReactorApp, ReactorModel, ReactorPipeline
from .client import ClientInfo
from .errors import ApplicationError, CommandError, ReactorHostError
from .events import connected, disconnected, event, session_ended, session_started
from .idle import Idle
from .input_types import Color, File, rgb_of
from .log import get_logger
from .media_input import Input, MediaInput
from .message import MessageField, ModelMessage
from .outcome import StepCompleted, StepOutcome
from .output import Audio, AudioOptions, Output, Video, VideoOptions
from .state import InputField, InputState
from .track_payload import TrackPayload

__version__ = "0.1.0"

__all__ = [
    "ApplicationError",
    "Audio",
    "AudioOptions",
    "ClientInfo",
    "Color",
    "CommandError",
    "File",
    "Idle",
    "Input",
    "InputField",
    "InputState",
    "MediaInput",
    "MessageField",
    "ModelMessage",
    "Output",
    "OutputStream",
    "ReactorApp",
    "ReactorHostError",
    "ReactorModel",
    "ReactorPipeline",
    "StepCompleted",
    "StepOutcome",
    "TrackPayload",
    "Video",
    "VideoOptions",
    "__version__",
    "connected",
    "disconnected",
    "event",
    "get_logger",
    "rgb_of",
    "session_ended",
    "session_started",
]
