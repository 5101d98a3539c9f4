"""The class an author derives from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from typing_extensions import Self

from .client import ClientInfo
from .message import ModelMessage
from .outbox import Sent
from .outcome import StepCompleted, StepOutcome
from .output import Output
from .state import InputState

Emit = Callable[[Output], Awaitable[None]]
Send = Callable[[ModelMessage, "ClientInfo | None"], Sent]
Flush = Callable[[bool], None]


class OutputStream:
    """A model's `self.output`: what it has given and viewers have not seen or heard yet."""

    def __init__(self, app: ReactorApp) -> None:
        self._app = app

    async def emit(self, output: Output, *, compute_time: float | None = None, drop: bool = False) -> None:
        """As `ReactorApp.emit`."""
        await self._app.emit(output, compute_time=compute_time, drop=drop)

    def flush(self, *, hold: bool = False) -> None:
        """Cut what was given so far: the rest of a batch is not shown, and up to 2 s of sound that wait are not played.

        For a model that begins something else, so that nothing of the old is seen or heard after it. A black picture follows on
        each track, or the last one stays until the next (`hold`). Call it from anywhere; what waits in `emit` returns.
        Nothing happens while no host runs the model.
        """
        if self._app._flush is not None:
            self._app._flush(hold)


class ReactorApp:
    """A model. Derive from it, and write one of:

    - `generate(self, input)`, called for each step. It returns an Output (or None for nothing this time), or is a
      generator that yields them; `async def` works for both. `input` may be left out.
    - `async def run(self)`, your own loop, with `await self.emit(output)`.

    `load(self)` or `load(self, config_path)` is called once before; `config_path` is a Path or None.
    `process_input` and `process_output` may be written around a step; `@event` makes a command of a method, and
    `@session_started`, `@session_ended`, `@connected`, `@disconnected` methods hear of sessions and clients.

    Steps are taken while somebody is connected (`--generate always`: always); `run` decides for itself, by
    `self.connected`. Commands and all of those methods are run between two steps, in the order they came.

    Code that is not async runs in one thread of its own, always the same, from the constructor on (CUDA contexts
    belong to a thread). Async code runs on the event loop, where a long computation would hold up frames. A model with
    a `run` of its own has all of its code but the constructor and `load` there.

    fps: steps a second, and pictures a second within a batch. A faster model is held back to it, a slower one is
        sent as it comes.
    state: the inputs, with the values of this session. Annotate it, or the parameter `input`, with your InputState class.
    connected: set while anybody is connected.
    output: of a class, its Output class: only needed where `generate` has no return annotation and several are in the
        file. Of a model that runs, its OutputStream: `self.output.flush()` cuts what waits to be seen and heard.
    """

    fps: float = 30
    output: Any = None
    state: Any
    connected: asyncio.Event
    _emit: Emit | None = None
    _send: Send | None = None
    _flush: Flush | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        app = super().__new__(cls)
        app.state = InputState()
        app.connected = asyncio.Event()
        app.output = OutputStream(app)
        return app

    async def process_input(self) -> Any:
        """Called before `generate`, which is given what it returns: by default the state.

        Raise ApplicationError, with the reason, where there is nothing to show now. May be written without `async`, and
        runs in the model's thread then.
        """
        return self.state

    async def process_output(self, outcome: StepOutcome) -> Output | StepCompleted | None:
        """Called after each step with what it returned, yielded or raised; what this returns is shown.

        By default the step's own Output, and what it raised ends the model. A model that can go on after an error returns
        None or an Output instead. May be written without `async`, and runs in the model's thread then.
        """
        return outcome.to_output()

    async def emit(self, output: Output, *, compute_time: float | None = None, drop: bool = False) -> None:
        """Send one picture, or one batch in display order, on each track of `output`. For use in `run`.

        Shapes: video uint8 RGB (H, W, 3) or (N, H, W, 3); audio int16 or float, (samples,) or (channels, samples).
        Units:  stamped here in microseconds of the monotonic clock that audio and video share.
        Timing: one picture leaves at once, a batch is spread over the last step; waits while ahead of `fps` or while
                audio is full. The arrays may be reused once it returns. `compute_time` and `drop` are taken for the sake
                of models of Reactor's runtime and change nothing: time is measured here.
        Errors: VideoError, AudioError and TrackError name track, got and expected:
                "main_video: got float32 (3, 720, 1280), expected uint8 (H, W, 3) or (N, H, W, 3)".
        Source: colour is ITU-R BT.601 limited range.
        """
        if self._emit is None:
            raise RuntimeError("emit works while the host runs the model: call it from run()")
        await self._emit(output)

    def send(self, message: ModelMessage, client: ClientInfo | None = None) -> Sent:
        """Send a message to every client, or to one. Call it from anywhere, with `await` where the code is async.

        Timing: it is on its way when this returns; `await` also waits while many messages are still to be sent. Without it
                a model that makes more than can be sent loses them, with a warning.
        Errors: MessageError, naming the field, for a value that the message's class does not declare.
        Nothing happens while no host runs the model, as in a test of its methods.
        """
        return self._send(message, client) if self._send is not None else Sent(None)


class ReactorPipeline(ReactorApp):
    """A model whose step is called `inference(self, input)` instead of `generate`. As a generator it is begun anew when
    it comes to its end, where `generate` ends the model."""


ReactorModel = ReactorApp
"""The older name."""
