"""Finds the model's class: `path.py`, or `path.py:ClassName` where a file has several."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

from .app import ReactorApp
from .errors import AuthorError, ModelFileError, ReactorHostError
from .model_spec import step_name

# The path itself may hold colons (C:\models\cat.py).
_TARGET = re.compile(r"(?P<path>.+?\.py)(?::(?P<cls>[^:/\\]+))?")


def load_class(target: str) -> type[ReactorApp]:
    """Import the file and return its model class.

    Errors: ModelFileError (no such file, no class, several classes), AuthorError with the cause when importing raised,
    DeclarationError of a class in it.
    """
    match = _TARGET.fullmatch(target)
    if match is None:
        raise ModelFileError(
            "bad-model-path",
            f"{target!r} is not a Python file",
            "give a path that ends in .py, or path.py:ClassName",
        )
    path = Path(match["path"]).expanduser()
    if not path.is_file():
        raise ModelFileError(
            "model-not-found",
            f"there is no file {path}",
            f"check the path; relative paths start at {Path.cwd()}",
        )
    return _pick(_import(path), path, match["cls"])


def _import(path: Path) -> ModuleType:
    # Files beside the model are importable, as for `python model.py`.
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    # Under its own name, so that pickling and sub-processes find it; unless that name is taken.
    name = path.stem if path.stem not in sys.modules else f"reactor_model_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec is not None and spec.loader is not None  # both are given for a path that ends in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ReactorHostError:
        raise
    except ModuleNotFoundError as error:
        raise AuthorError(
            "model-import",
            f"importing {path} failed: {error}",
            f"install {(error.name or 'the package').split('.')[0]} for {sys.executable}, or choose another Python with --python",
        ) from error
    except (Exception, SystemExit) as error:
        raise AuthorError(
            "model-import",
            f"importing {path} failed: {type(error).__name__}: {error}",
            "the traceback shows the line; `python` on the file itself shows the same",
        ) from error
    return module


def _pick(module: ModuleType, path: Path, wanted: str | None) -> type[ReactorApp]:
    found = {
        name: each
        for name, each in vars(module).items()
        if isinstance(each, type) and issubclass(each, ReactorApp) and each.__module__ == module.__name__
    }
    names = ", ".join(found)
    if wanted is not None:
        chosen = vars(module).get(wanted)
        if isinstance(chosen, type) and issubclass(chosen, ReactorApp):
            return chosen
        what = (
            "is not a model: it does not derive from ReactorApp" if chosen is not None else "does not exist"
        )
        raise ModelFileError(
            "model-class-not-found",
            f"{wanted} {what} (in {path})",
            f"the models in this file are: {names}" if found else "derive it from reactor_host.ReactorApp",
        )
    complete = {name: each for name, each in found.items() if step_name(each) is not None} or found
    if len(complete) == 1:
        return next(iter(complete.values()))
    if not complete:
        raise ModelFileError(
            "model-class-not-found",
            f"{path} has no model class",
            "write `class MyModel(ReactorApp)` with a generate method",
        )
    raise ModelFileError(
        "model-class-ambiguous",
        f"{path} has several model classes: {', '.join(complete)}",
        f"say which one: {path}:{next(iter(complete))}",
    )
