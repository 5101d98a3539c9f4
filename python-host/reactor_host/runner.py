"""Runs one model: connects, loads, steps, and ends in good order."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from . import __version__
from .app import ReactorApp
from .clock import monotonic_us
from .emitter import Emitter, Step
from .errors import (
    EXIT_CRASHED,
    EXIT_ENDED,
    EXIT_UNUSABLE,
    AudioError,
    AuthorError,
    ConnectionRefused,
    ReactorHostError,
    TrackError,
    VideoError,
)
from .log import LogFormat
from .model_spec import ModelSpec
from .model_thread import ModelThread
from .output import Output
from .report import as_message, print_error
from .state import initial_state
from .timing import StepTimes
from .transport import HostLink

_log = logging.getLogger("reactor_host")
# The model's thread hands over to the event loop many times a second. CPython's 5 ms would be added to a picture's way
# whenever the model is computing in Python just then.
_SWITCH_INTERVAL_S = 0.0005
_STATS_PERIOD_S = 1.0
# Sound of AUDIO_WINDOW_US may be waiting to be played out when the model ends.
_SETTLE_LIMIT_S = 4.0
_STOP_LIMIT_S = 1.0


class Runner:
    """One run of one model against one host."""

    def __init__(
        self, spec: ModelSpec, url: str, secret: str, config_path: str | None, log_format: LogFormat
    ) -> None:
        self._spec = spec
        self._config_path = config_path
        self._log_format = log_format
        self._stop = asyncio.Event()
        self._thread = ModelThread()
        self._times = StepTimes()
        self._link = HostLink(
            url, secret, spec.name, __version__, spec.tracks, monotonic_us, on_shutdown=self._stop.set
        )
        self._emitter = Emitter(spec, self._link, self._thread, self._times, monotonic_us)
        self._published = 0
        self._generator: Iterator[Any] | None = None

    async def run(self) -> int:
        """Returns the exit status. What went wrong has been told to the author and to the host."""
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self._catch_signals()
        connection = asyncio.ensure_future(self._link.run())
        work = asyncio.ensure_future(self._work())
        stats = asyncio.ensure_future(self._send_stats())
        stop = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({connection, work, stats, stop}, return_when=asyncio.FIRST_COMPLETED)
            for done in (work, connection, stats):
                if done.done():
                    done.result()
            await self._link.send_state("ended")
            if not stop.done():
                await self._link.settle(_SETTLE_LIMIT_S)
            return EXIT_ENDED
        except ReactorHostError as error:
            return await self._fail(error)
        finally:
            self._emitter.cancel()
            for task in (work, stats, stop):
                task.cancel()
            # A coroutine of the author may hold on to its cancellation for a while, but not for ever.
            await asyncio.wait({work, stats, stop}, timeout=_STOP_LIMIT_S)
            await self._link.close()
            connection.cancel()
            await asyncio.wait({connection}, timeout=_STOP_LIMIT_S)

    @property
    def is_model_busy(self) -> bool:
        """Whether code of the model is still running, so that the process cannot end in the ordinary way."""
        return not self._thread.is_idle_within(_STOP_LIMIT_S)

    # --- what the model does

    async def _work(self) -> None:
        app = await self._loaded()
        await self._link.wait_connected()
        self._emitter.begin()
        step = getattr(app, self._spec.step_name)
        arguments = (app.state,) if self._spec.takes_input else ()
        match self._spec.step_kind:
            case "plain":
                while True:
                    await self._publish(
                        await self._thread.call(lambda: self._timed(lambda: step(*arguments)))
                    )
            case "generator":
                self._generator = await self._thread.call(lambda: iter(step(*arguments)))
                while (prepared := await self._thread.call(self._next)) is not None:
                    await self._publish(prepared)
            case "async":
                while True:
                    await self._publish(await self._timed_async(lambda: step(*arguments)))
            case "async-generator":
                await self._drain(step(*arguments))
            case "run":
                await self._author_loop(app, step)
        await self._emitter.finish()

    async def _loaded(self) -> ReactorApp:
        spec = self._spec

        def make() -> ReactorApp:
            app = spec.cls()
            app.state = initial_state(spec.state)
            return app

        app: ReactorApp = await self._thread.call(lambda: self._author("__init__", make))
        load = getattr(app, "load", None)
        if load is not None:
            arguments = (self._config_path,) if spec.takes_config_path else ()
            if inspect.iscoroutinefunction(load):
                await self._author_async("load", lambda: load(*arguments))
            else:
                await self._thread.call(lambda: self._author("load", lambda: load(*arguments)))
        return app

    def _timed(self, step: Callable[[], Any]) -> Step:
        """In the model's thread: one step, its stamp, and the conversion of what leaves first."""
        self._times.began()
        began_us = monotonic_us()
        output = self._author(self._spec.step_name, step)
        captured_us = monotonic_us()
        self._times.stepped(captured_us - began_us)
        return self._emitter.prepare(output, captured_us)

    def _next(self) -> Step | None:
        assert self._generator is not None
        end = object()
        ended = False

        def step() -> Any:
            nonlocal ended
            output = next(self._generator, end)  # type: ignore[arg-type]
            ended = output is end
            return None if ended else output

        prepared = self._timed(step)
        return None if ended else prepared

    async def _timed_async(self, step: Callable[[], Any]) -> Step:
        self._times.began()
        began_us = monotonic_us()
        output = await self._author_async(self._spec.step_name, step)
        captured_us = monotonic_us()
        self._times.stepped(captured_us - began_us)
        return await self._thread.call(lambda: self._emitter.prepare(output, captured_us))

    async def _drain(self, outputs: AsyncIterator[Any]) -> None:
        ended = False

        async def step() -> Any:
            nonlocal ended
            try:
                return await outputs.__anext__()
            except StopAsyncIteration:
                ended = True
                return None

        try:
            while True:
                prepared = await self._timed_async(step)
                if ended:
                    return
                await self._publish(prepared)
        finally:
            with contextlib.suppress(Exception):
                await outputs.aclose()  # type: ignore[attr-defined]

    async def _author_loop(self, app: ReactorApp, run: Callable[[], Any]) -> None:
        self._times.began()
        began_us = monotonic_us()
        emitting = asyncio.Lock()

        async def emit(output: Output) -> None:
            nonlocal began_us
            captured_us = monotonic_us()
            # Two tasks of the author may emit at the same time; their steps must not mix.
            async with emitting:
                self._times.stepped(max(0, captured_us - began_us))
                await self._publish(
                    await self._thread.call(lambda: self._emitter.prepare(output, captured_us))
                )
                self._times.began()
                began_us = monotonic_us()

        app._emit = emit
        await self._author_async(self._spec.step_name, run)

    async def _publish(self, step: Step) -> None:
        if step.pictures or step.sound:
            await self._link.send_state("running")
            self._published += 1
        await self._emitter.publish(step)

    def _author(self, method: str, call: Callable[[], Any]) -> Any:
        """Run code of the author: what it raises becomes an AuthorError."""
        try:
            return call()
        except ReactorHostError:
            raise
        except BaseException as error:
            raise self._raised(method, error) from error

    async def _author_async(self, method: str, call: Callable[[], Any]) -> Any:
        try:
            return await call()
        except (ReactorHostError, asyncio.CancelledError):
            raise
        except BaseException as error:
            raise self._raised(method, error) from error

    def _raised(self, method: str, error: BaseException) -> AuthorError:
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        code = "load-raised" if method in ("__init__", "load") else "step-raised"
        return AuthorError(
            code,
            f"{self._spec.name}.{method} raised {what}",
            "the traceback shows the line in the model's code",
        )

    # --- around it

    async def _fail(self, error: ReactorHostError) -> int:
        wrong_output = isinstance(error, VideoError | AudioError | TrackError)
        may_pass = isinstance(error, AuthorError) or (wrong_output and self._published > 0)
        # Loading may have failed faster than connecting, and the host is to hear of it.
        with contextlib.suppress(asyncio.TimeoutError):
            if not isinstance(error, ConnectionRefused):
                await asyncio.wait_for(self._link.wait_connected(), _STOP_LIMIT_S)
        await self._link.send_error(as_message(error, fatal=not may_pass))
        print_error(error, self._log_format)
        return EXIT_CRASHED if may_pass else EXIT_UNUSABLE

    async def _send_stats(self) -> None:
        while True:
            await asyncio.sleep(_STATS_PERIOD_S)
            step_ms, convert_ms = self._times.take_medians_ms()
            await self._link.send_stats(self._times.steps, step_ms, convert_ms)
            last_us = self._emitter.last_publish_us
            if last_us is not None and self._times.is_idle_after(monotonic_us() - last_us):
                self._emitter.pause()
                await self._link.send_state("idle")

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                loop.add_signal_handler(number, self._stop.set)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._stop.set))
