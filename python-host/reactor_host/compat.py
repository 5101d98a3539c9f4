"""Runs models that are written for Reactor's own runtime: `from reactor_runtime import ...` gets the names of this package.

`python -m reactor_host --compat model.py` does it, or `reactor_host.compat.stand_in()` before the model is imported.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import logging
import os
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import reactor_host

from .output import AudioOptions, VideoOptions

_NAME = "reactor_runtime"
_A_RECORD = logging.makeLogRecord({"message": "", "asctime": ""})


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


class _Logger(logging.LoggerAdapter[logging.Logger]):
    """Takes fields as keywords, `log.info("stepped", count=3)`, as Reactor's does."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        own = {name: kwargs[name] for name in ("exc_info", "stack_info", "stacklevel") if name in kwargs}
        fields = {name: value for name, value in kwargs.items() if name not in (*own, "extra")}
        # A record has attributes of its own that a field must not replace.
        taken = {name: value for name, value in fields.items() if not hasattr(_A_RECORD, name)}
        taken.update({f"{name}_": fields[name] for name in fields.keys() - taken.keys()})
        return msg, {**own, "extra": {**kwargs.get("extra", {}), **taken}}


def get_logger(name: str = "model") -> _Logger:
    return _Logger(logging.getLogger(name), {})


def get_weights_path() -> Path:
    """Where Reactor keeps weights: $REACTOR_WEIGHTS_PATH, or ~/.cache/reactor_registry."""
    return Path(os.environ.get("REACTOR_WEIGHTS_PATH") or "~/.cache/reactor_registry").expanduser()


_NAMES: dict[str, Any] = {
    **{name: getattr(reactor_host, name) for name in reactor_host.__all__},
    "Audio": Audio,
    "Video": Video,
    "get_logger": get_logger,
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
