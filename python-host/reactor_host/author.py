"""Running code of the author: what it raises becomes an AuthorError, and nothing else comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from .errors import ApplicationError, AuthorError, ReactorHostError

# What may refuse a step.
_REFUSING = ("process_input", "generate", "inference", "process_output")


class Author:
    """The code of one model class."""

    def __init__(self, model: str) -> None:
        self._model = model

    def run(self, method: str, call: Callable[[], Any]) -> Any:
        """Raises our own errors and a step's ApplicationError as they are, AuthorError for the rest."""
        try:
            return call()
        except ReactorHostError:
            raise
        except BaseException as error:
            raise self._told(method, error) from error

    async def run_async(self, method: str, call: Callable[[], Awaitable[Any]]) -> Any:
        try:
            return await call()
        except (ReactorHostError, asyncio.CancelledError):
            raise
        except BaseException as error:
            raise self._told(method, error) from error

    def _told(self, method: str, error: BaseException) -> BaseException:
        if isinstance(error, ApplicationError) and method in _REFUSING:
            return error
        return self.raised(method, error)

    def raised(self, method: str, error: BaseException, code: str | None = None) -> AuthorError:
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        made = AuthorError(
            code or ("load-raised" if method in ("__init__", "load") else "step-raised"),
            f"{self._model}.{method} raised {what}",
            "the traceback shows the line in the model's code",
        )
        made.__cause__ = error
        return made
