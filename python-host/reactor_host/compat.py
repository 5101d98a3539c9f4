"""Runs models that are written for Reactor's own runtime: `from reactor_runtime import ...` gets the names of this package.

`python -m reactor_host --compat model.py` does it, or `import reactor_host.compat` before the model is imported.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import reactor_host

from .errors import DeclarationError
from .output import AudioOptions, VideoOptions

_NAME = "reactor_runtime"


class Video:
    """Reactor's mark of a track of pictures, which is a class there."""

    @classmethod
    def __track_options__(cls) -> VideoOptions:
        return VideoOptions()


class Audio:
    """Reactor's mark of a track of sound: `class Voice(Audio): sample_rate = 16_000` declares another rate."""

    sample_rate: ClassVar[int] = 48_000

    @classmethod
    def __track_options__(cls) -> AudioOptions:
        return AudioOptions(sample_rate=cls.sample_rate)


class MediaInput:
    """Tracks from viewers to the model. This host has none yet, and says so where one is declared."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}: this host takes no pictures or sound from viewers yet",
            "leave the tracks of MediaInput out",
        )


def get_weights_path() -> Path:
    """Where Reactor keeps weights: $REACTOR_WEIGHTS_PATH, or ~/.cache/reactor_registry."""
    return Path(os.environ.get("REACTOR_WEIGHTS_PATH") or "~/.cache/reactor_registry").expanduser()


_NAMES: dict[str, Any] = {
    **{name: getattr(reactor_host, name) for name in reactor_host.__all__},
    "Audio": Audio,
    "Input": MediaInput,
    "MediaInput": MediaInput,
    "Video": Video,
    "get_weights_path": get_weights_path,
}


def stand_in() -> None:
    """From now on `import reactor_runtime`, and of any module inside it, gets this package's names."""
    if not any(isinstance(each, _Finder) for each in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Module(ModuleType):
    __all__ = tuple(_NAMES)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _NAMES:
            return _NAMES[name]
        raise ImportError(
            f"{self.__name__}.{name} is not there in reactor_host, which stands in for Reactor's runtime; "
            f"it has {', '.join(sorted(_NAMES))}",
            name=self.__name__,
        )


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] != _NAME:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...
