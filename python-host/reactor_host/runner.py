"""Runs one model: connects, loads, steps, and ends in good order."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import signal
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import __version__, messages
from .app import ReactorApp
from .audience import Audience, Generate
from .author import Author
from .client import ClientInfo
from .clock import monotonic_us, sleep_until
from .dispatcher import Dispatcher
from .emitter import Emitter, Step
from .errors import (
    EXIT_CRASHED,
    EXIT_ENDED,
    EXIT_UNUSABLE,
    AudioError,
    AuthorError,
    ConnectionRefused,
    MessageError,
    ReactorHostError,
    TrackError,
    VideoError,
)
from .inbound import Inbound
from .log import LogFormat
from .message import ModelMessage, message_data, message_name
from .model_spec import ModelSpec
from .model_thread import ModelThread
from .outbox import Outbox, Sent
from .output import Output
from .report import as_message, print_error
from .state import initial_state
from .stepper import Ended, Refused, Stepper
from .timing import StepTimes
from .transport import HostLink

# The model's thread hands over to the event loop many times a second. CPython's 5 ms would be added to a picture's way
# whenever the model is computing in Python just then.
_SWITCH_INTERVAL_S = 0.0005
_STATS_PERIOD_S = 1.0
# Sound of AUDIO_WINDOW_US may be waiting to be played out when the model ends.
_SETTLE_LIMIT_S = 4.0
_STOP_LIMIT_S = 1.0


class Runner:
    """One run of one model against one host. Made on the event loop."""

    def __init__(
        self,
        spec: ModelSpec,
        url: str,
        secret: str,
        config_path: Path | None,
        log_format: LogFormat,
        generate: Generate,
    ) -> None:
        self._spec = spec
        self._config_path = config_path
        self._log_format = log_format
        self._generate: Generate = generate
        self._stop = asyncio.Event()
        self._author = Author(spec.name)
        self._thread = ModelThread()
        self._times = StepTimes()
        self._link = HostLink(
            url,
            secret,
            spec.name,
            __version__,
            spec.tracks,
            spec.interface.told,
            monotonic_us,
            on_shutdown=self._stop.set,
            on_inbound=self._inbound,
        )
        self._outbox = Outbox(self._link.send)
        self._emitter = Emitter(spec, self._link, self._thread, self._times, monotonic_us, self._outbox.put)
        self._published = 0
        self._loaded_us: int | None = None
        # What comes before the model is loaded.
        self._early: deque[Inbound] = deque()
        self._dispatcher: Dispatcher | None = None

    async def run(self) -> int:
        """Returns the exit status. What went wrong has been told to the author and to the host."""
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self._catch_signals()
        connection = asyncio.ensure_future(self._link.run())
        outbox = asyncio.ensure_future(self._outbox.run())
        work = asyncio.ensure_future(self._work())
        stats = asyncio.ensure_future(self._send_stats())
        stop = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({connection, outbox, work, stats, stop}, return_when=asyncio.FIRST_COMPLETED)
            for done in (work, connection, outbox, stats):
                if done.done():
                    done.result()
            await asyncio.wait({asyncio.ensure_future(self._outbox.drained())}, timeout=_STOP_LIMIT_S)
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
            outbox.cancel()
            await asyncio.wait({connection, outbox}, timeout=_STOP_LIMIT_S)

    @property
    def is_model_busy(self) -> bool:
        """Whether code of the model is still running, so that the process cannot end in the ordinary way."""
        return not self._thread.is_idle_within(_STOP_LIMIT_S)

    # --- what the model does

    async def _work(self) -> None:
        app = await self._loaded()
        await self._link.wait_connected()
        app._send = self._send
        app._flush = self._emitter.flush
        audience = Audience(self._generate, app.connected, self._send)
        stepper = Stepper(
            self._spec,
            app,
            self._author,
            self._thread,
            self._emitter,
            self._times,
            after=lambda: dispatcher.tell_state(),
        )
        dispatcher = Dispatcher(
            app,
            self._spec.interface,
            audience,
            self._outbox,
            self._author,
            self._log_format,
            thread=None if self._spec.step_kind == "run" else self._thread,
            on_session_ended=stepper.restart,
        )
        self._dispatcher = dispatcher
        while self._early:
            dispatcher.put(self._early.popleft())
        self._emitter.begin()
        self._loaded_us = monotonic_us()
        if not audience.live.is_set():
            await self._link.send_state("idle")
        dispatching = asyncio.ensure_future(dispatcher.run())
        if self._spec.step_kind == "run":
            stepping = asyncio.ensure_future(self._author_loop(app, dispatcher))
        else:
            stepping = asyncio.ensure_future(self._steps(stepper, dispatcher, audience))
        try:
            await asyncio.wait({dispatching, stepping}, return_when=asyncio.FIRST_COMPLETED)
            for done in (stepping, dispatching):
                if done.done():
                    done.result()
        finally:
            dispatching.cancel()
            stepping.cancel()
            await asyncio.wait({dispatching, stepping})
            await stepper.close()
        await self._emitter.finish()

    async def _loaded(self) -> ReactorApp:
        spec = self._spec

        def make() -> ReactorApp:
            app = spec.cls()
            app.state = initial_state(spec.state)
            return app

        app: ReactorApp = await self._thread.call(lambda: self._author.run("__init__", make))
        load = getattr(app, "load", None)
        if load is not None:
            arguments = (self._config_path,) if spec.takes_config_path else ()
            if inspect.iscoroutinefunction(load):
                await self._author.run_async("load", lambda: load(*arguments))
            else:
                await self._thread.call(lambda: self._author.run("load", lambda: load(*arguments)))
        return app

    async def _steps(self, stepper: Stepper, dispatcher: Dispatcher, audience: Audience) -> None:
        """Step after step while somebody is there; what viewers ask for is done right before each."""
        while True:
            if not audience.live.is_set():
                self._emitter.pause()
                await self._link.send_state("idle")
                await audience.live.wait()
            await dispatcher.lock.acquire()
            free = _once(dispatcher.lock.release)
            try:
                await dispatcher.drain()
                if not audience.live.is_set():
                    continue
                dispatcher.handled.clear()
                step = await stepper.step()
                if not step.is_empty:
                    await self._publish(step, free)
                    continue
                again_us = self._emitter.skip(step)
            except Refused:
                again_us = self._emitter.skip(None)
            except Ended:
                return
            finally:
                free()
            # A command may give it something to show, which is not to wait.
            await sleep_until(again_us, monotonic_us, dispatcher.handled)

    async def _author_loop(self, app: ReactorApp, dispatcher: Dispatcher) -> None:
        self._times.began()
        began_us = monotonic_us()
        emitting = asyncio.Lock()

        async def emit(output: Output) -> None:
            nonlocal began_us
            captured_us = monotonic_us()
            # Two tasks of the author may emit at the same time; their steps must not mix.
            async with emitting:
                self._times.stepped(max(0, captured_us - began_us))
                dispatcher.tell_state()
                await self._publish(
                    await self._thread.call(lambda: self._emitter.prepare(output, captured_us))
                )
                self._times.began()
                began_us = monotonic_us()

        app._emit = emit
        run: Callable[[], Any] = getattr(app, self._spec.step_name)
        await self._author.run_async(self._spec.step_name, run)

    async def _publish(self, step: Step, free: Callable[[], None] = lambda: None) -> None:
        if not step.is_empty:
            await self._link.send_state("running")
            self._published += 1
        await self._emitter.publish(step, free)

    def _send(self, message: ModelMessage, client: ClientInfo | None = None) -> Sent:
        if not isinstance(message, ModelMessage):
            raise MessageError(
                "message-data",
                f"send: got {type(message).__name__}, expected a ModelMessage",
                "write `class Said(ModelMessage)` with fields and send one of it",
            )
        return self._outbox.put(
            messages.Message(
                client_id=None if client is None else client.id,
                name=message_name(type(message)),
                data=message_data(message),
            )
        )

    def _inbound(self, item: Inbound) -> None:
        if self._dispatcher is None:
            self._early.append(item)
        else:
            self._dispatcher.put(item)

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
            await self._link.send_stats(self._times.steps, step_ms, convert_ms, self._times.taken_steps_ms)
            since_us = self._emitter.last_publish_us
            if since_us is None and (self._spec.step_kind == "run" or not self._times.is_under_way):
                # It is loaded and waits, for somebody to come or to say something. A first step may take its time.
                since_us = self._loaded_us
            if since_us is not None and self._times.is_idle_after(monotonic_us() - since_us):
                self._emitter.pause()
                await self._link.send_state("idle")

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                loop.add_signal_handler(number, self._stop.set)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._stop.set))


def _once(call: Callable[[], None]) -> Callable[[], None]:
    pending = [call]

    def once() -> None:
        if pending:
            pending.pop()()

    return once
