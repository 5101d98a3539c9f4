"""One step of a model, whatever kind its step is of."""

from __future__ import annotations

import contextlib
import inspect
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Any

from .app import ReactorApp, ReactorPipeline
from .author import Author
from .clock import monotonic_us
from .emitter import Emitter, Step
from .errors import ApplicationError, AuthorError
from .model_spec import ModelSpec
from .model_thread import ModelThread
from .outcome import StepCompleted, StepOutcome
from .output import Output
from .timing import StepTimes

_log = logging.getLogger("reactor_host")
_END = object()


class Refused(Exception):
    """There is nothing to show now."""


class Ended(Exception):
    """The model has come to its end."""


class Stepper:
    """Steps one model. `after` is called when the author's code of a step has run, in any thread."""

    def __init__(
        self,
        spec: ModelSpec,
        app: ReactorApp,
        author: Author,
        thread: ModelThread,
        emitter: Emitter,
        times: StepTimes,
        after: Callable[[], None],
    ) -> None:
        self._spec = spec
        self._app = app
        self._step = getattr(app, spec.step_name)
        self._author = author
        self._thread = thread
        self._emitter = emitter
        self._times = times
        self._after = after
        self._generator: Iterator[Any] | None = None
        self._async_generator: AsyncGenerator[Any, None] | None = None
        self._has_warned_of_files = False

    async def step(self) -> Step:
        """What it shows. Raises Refused, Ended, and what went wrong in the model."""
        try:
            if self._spec.is_async or self._spec.processes_input or self._spec.processes_output:
                return await self._step_in_parts()
            # The usual case: one way to the model's thread and back.
            return await self._thread.call(self._step_in_one)
        except ApplicationError as refused:
            raise Refused(str(refused)) from None
        finally:
            self._times.ended()

    async def restart(self) -> None:
        """A generator begins anew at the next step. Raises what its `finally` raises."""
        generator, self._generator = self._generator, None
        close = getattr(generator, "close", None)
        if close is not None:
            await self._thread.call(lambda: self._author.run(self._spec.step_name, close))
        async_generator, self._async_generator = self._async_generator, None
        if async_generator is not None:
            await self._author.run_async(self._spec.step_name, async_generator.aclose)

    async def close(self) -> None:
        """No more steps. A generator of the event loop is not to be left to the garbage collector."""
        if self._async_generator is not None:
            with contextlib.suppress(Exception):
                await self._async_generator.aclose()

    def _step_in_one(self) -> Step:
        result, captured_us = self._timed(self._app.state)
        self._after()
        return self._emitter.prepare(result, captured_us)

    async def _step_in_parts(self) -> Step:
        given = self._app.state
        if self._spec.processes_input:
            given = await self._hook("process_input")
        began_us = monotonic_us()
        failure: AuthorError | None = None
        result: Any = None
        try:
            if self._spec.is_async:
                result, captured_us = await self._timed_async(given)
            else:
                result, captured_us = await self._thread.call(lambda: self._timed(given))
        except AuthorError as error:
            if not self._spec.processes_output or not isinstance(error.__cause__, Exception):
                raise
            failure, captured_us = error, monotonic_us()
        if self._spec.processes_output:
            cause = failure.__cause__ if failure is not None else None
            outcome = StepOutcome(result, cause, (captured_us - began_us) / 1e6)
            try:
                result = await self._hook("process_output", outcome)
            except AuthorError as error:
                # Raised on, as the default does: it is the step that went wrong.
                raise (
                    failure if failure is not None and error.__cause__ is cause else error
                ) from error.__cause__
            if isinstance(result, StepCompleted):
                result = self._output_of(result)
        self._after()
        return await self._thread.call(lambda: self._emitter.prepare(result, captured_us))

    def _output_of(self, step: StepCompleted) -> Output | None:
        if step.error is not None:
            _log.warning("a step failed: %s", step.error)
        if step.files and not self._has_warned_of_files:
            self._has_warned_of_files = True
            _log.warning("files of a step are not kept: got %s", ", ".join(step.files))
        return step.output

    async def _hook(self, name: str, *arguments: Any) -> Any:
        method = getattr(self._app, name)
        if inspect.iscoroutinefunction(method):
            return await self._author.run_async(name, lambda: method(*arguments))
        return await self._thread.call(lambda: self._author.run(name, lambda: method(*arguments)))

    def _timed(self, given: Any) -> tuple[Any, int]:
        """In the model's thread: what the step gives, and when it gave it."""
        arguments = (given,) if self._spec.takes_input else ()
        self._times.began()
        began_us = monotonic_us()
        if self._spec.step_kind == "generator":
            result = self._next(arguments)
        else:
            result = self._author.run(self._spec.step_name, lambda: self._step(*arguments))
        captured_us = monotonic_us()
        self._times.stepped(captured_us - began_us)
        return result, captured_us

    def _next(self, arguments: tuple[Any, ...]) -> Any:
        if self._generator is None:
            self._generator = self._author.run(self._spec.step_name, lambda: iter(self._step(*arguments)))
        generator = self._generator
        try:
            result = self._author.run(self._spec.step_name, lambda: next(generator, _END))
        except BaseException:
            # It cannot go on after it has raised.
            self._generator = None
            raise
        if result is _END:
            self._generator = None
            self._end()
        return result

    async def _timed_async(self, given: Any) -> tuple[Any, int]:
        arguments = (given,) if self._spec.takes_input else ()
        self._times.began()
        began_us = monotonic_us()
        call: Callable[[], Awaitable[Any]]
        if self._spec.step_kind == "async-generator":
            call = lambda: self._next_async(arguments)
        else:
            call = lambda: self._step(*arguments)
        result = await self._author.run_async(self._spec.step_name, call)
        if result is _END:
            self._async_generator = None
            self._end()
        captured_us = monotonic_us()
        self._times.stepped(captured_us - began_us)
        return result, captured_us

    async def _next_async(self, arguments: tuple[Any, ...]) -> Any:
        if self._async_generator is None:
            self._async_generator = self._step(*arguments)
        try:
            return await self._async_generator.__anext__()
        except StopAsyncIteration:
            return _END
        except BaseException:
            self._async_generator = None
            raise

    def _end(self) -> None:
        # A pipeline is begun anew when it has come to its end: so says its older contract.
        raise Refused if isinstance(self._app, ReactorPipeline) else Ended
