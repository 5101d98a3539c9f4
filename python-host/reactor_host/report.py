"""Tells the author what is wrong: a traceback of their code, then one message and a hint."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

from .errors import AuthorError, ReactorHostError
from .limits import MAX_ERROR_CHARS, MAX_TRACEBACK_CHARS
from .log import LogFormat
from .messages import ErrorInfo, ModelError

_OWN_FOLDER = str(Path(__file__).parent)


def author_traceback(error: BaseException) -> str:
    """Python's traceback without our own frames and importlib's; empty when no frame is the author's."""
    shown = traceback.TracebackException.from_exception(error)
    _strip(shown)
    text = "".join(shown.format())
    return text[-MAX_TRACEBACK_CHARS:] if "\n  File " in text else ""


def _strip(shown: traceback.TracebackException) -> None:
    kept = [
        frame
        for frame in shown.stack
        if not frame.filename.startswith((_OWN_FOLDER, "<frozen importlib", "<frozen runpy"))
    ]
    shown.stack = traceback.StackSummary.from_list(kept)
    for linked in (shown.__cause__, shown.__context__):
        if linked is not None:
            _strip(linked)


def as_message(error: ReactorHostError, fatal: bool) -> ModelError:
    """The error as the host is told of it."""
    return ModelError(
        error=ErrorInfo(
            code=error.code, message=error.message[:MAX_ERROR_CHARS], hint=error.hint[:MAX_ERROR_CHARS]
        ),
        fatal=fatal,
        traceback=_of_author(error),
    )


def print_error(error: ReactorHostError, log_format: LogFormat) -> None:
    """To stderr. The message comes last, where a terminal shows it."""
    trace = _of_author(error)
    if log_format == "json":
        line = {
            "level": "error",
            "name": "reactor_host",
            "code": error.code,
            "msg": error.message,
            "hint": error.hint,
        }
        if trace:
            line["traceback"] = trace
        print(json.dumps(line, ensure_ascii=False), file=sys.stderr, flush=True)
        return
    print(f"{trace}error: {error.message}\n  hint: {error.hint}  [{error.code}]", file=sys.stderr, flush=True)


def _of_author(error: ReactorHostError) -> str:
    """An AuthorError only carries what the author's code raised; our own errors are shown where they were met."""
    if isinstance(error, AuthorError) and error.__cause__ is not None:
        return author_traceback(error.__cause__)
    return author_traceback(error)
