"""The model's log: stderr, one line a record."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Literal

LogFormat = Literal["line", "json"]

# A log tells about data, it does not carry them.
_MAX_FIELDS = 32
_MAX_FIELD_CHARS = 1000

# Whatever else a record has was given with `extra=`. `message` and `asctime` are made by formatters, `taskName` by Python 3.12.
_OWN_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


# On whose behalf the author's code runs just now: what it says is told with that.
_on_behalf: ContextVar[dict[str, str | int]] = ContextVar("on_behalf", default={})  # noqa: B039 (never changed)


@contextlib.contextmanager
def on_behalf_of(client_id: str, request_id: int | None = None) -> Iterator[None]:
    """Records made meanwhile carry `client` and `request`, by which the host's own lines call them."""
    request = {} if request_id is None else {"request": request_id}
    token = _on_behalf.set({"client": client_id, **request})
    try:
        yield
    finally:
        _on_behalf.reset(token)


def get_logger(name: str = "model") -> logging.Logger:
    """A logger whose records reach the host's log: with their level, `name`, and what is given with `extra=`."""
    return logging.getLogger(name)


def _extra_fields(record: logging.LogRecord) -> dict[str, Any]:
    """What was given with `extra=`: JSON values as they are, of others their `str()`."""
    given = [(name, value) for name, value in vars(record).items() if name not in _OWN_ATTRIBUTES]
    return {name: _plain(value) for name, value in given[:_MAX_FIELDS]}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    try:
        # NaN and infinity are no JSON, an array or a path is none either.
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return _text_of(value)[:_MAX_FIELD_CHARS]
    return value if len(text) <= _MAX_FIELD_CHARS else text[:_MAX_FIELD_CHARS]


def _text_of(value: Any) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - code of the author, and a line of the log is not worth its life
        return f"<{type(value).__name__}: {type(error).__name__}>"


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "level_number": record.levelno,
            "name": record.name,
            "msg": record.getMessage(),
            **_on_behalf.get(),
        }
        if fields := _extra_fields(record):
            line["fields"] = fields
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class _LineFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = _extra_fields(record)
        shown = f" {json.dumps(fields, ensure_ascii=False)}" if fields else ""
        return super().formatMessage(record) + shown


def start_logging(level: str, log_format: LogFormat) -> None:
    """Send every record of this process at `level` and above to stderr. Libraries speak from warning on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if log_format == "json" else _LineFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for library in ("websockets", "asyncio"):
        logging.getLogger(library).setLevel(max(logging.WARNING, root.level))
