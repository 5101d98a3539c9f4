"""Tracks from viewers to the model."""

from __future__ import annotations

from typing import Any

from .errors import DeclarationError


class MediaInput:
    """Base of a model's tracks from viewers, as Reactor's authors know it. This host takes none yet, and says so where
    a model declares one."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}: this host takes no pictures or sound from viewers yet",
            "leave out the class that derives from MediaInput or Input, and what reads from it",
        )


Input = MediaInput
"""The older name."""
