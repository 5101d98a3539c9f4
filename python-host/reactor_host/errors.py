"""Errors that a person meets: each has a stable code, a message (got, expected) and a hint that says what to do."""

from __future__ import annotations

# Exit statuses of `python -m reactor_host`. 64 is EX_USAGE of sysexits.h: starting again cannot help.
EXIT_ENDED = 0
EXIT_CRASHED = 1
EXIT_UNUSABLE = 64


class ReactorHostError(Exception):
    """Base of every error raised here.

    code: stable, for programs, for example `video-shape`.
    message: what came and what was expected, in one line.
    hint: what to do about it.
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class UsageError(ReactorHostError):
    """The command line or the environment is wrong."""


class ModelFileError(ReactorHostError):
    """The model's file or class cannot be found or imported."""


class DeclarationError(ReactorHostError):
    """A class of the author is declared wrongly. Raised when the class is made, that is at import."""


class VideoError(ReactorHostError):
    """A picture that cannot be sent."""


class AudioError(ReactorHostError):
    """Sound that cannot be sent."""


class TrackError(ReactorHostError):
    """A track that was not declared, or that was declared and did not come."""


class MessageError(ReactorHostError):
    """A message of the model that cannot be sent."""


class ConnectionRefused(ReactorHostError):
    """The host does not want this connection, and would not want it a second time."""


class WireError(ReactorHostError):
    """Bytes that are not a message of ours. The connection that brought them is closed."""

    def __init__(self, message: str) -> None:
        super().__init__(
            "wire", message, "the host and reactor_host are of different versions; install both anew"
        )


class AuthorError(ReactorHostError):
    """The author's code raised. `__cause__` is what it raised."""


class CommandError(Exception):
    """Raise it in an `@event` method to refuse a command. Viewers are told `code` and `message` as they are.

    code: short and stable, for programs. message: for who sent the command.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class ApplicationError(Exception):
    """Raise it, or a class derived from it, in `process_input` to refuse a step: there is nothing to show now.

    The model is asked again after a command, and at the rate of its `fps`.
    """
