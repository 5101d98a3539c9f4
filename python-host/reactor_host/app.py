"""The class an author derives from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from typing_extensions import Self

from .output import Output
from .state import InputState

Emit = Callable[[Output], Awaitable[None]]


class ReactorApp:
    """A model. Derive from it, and write one of:

    - `generate(self, input)`, called for each step. It returns an Output (or None for nothing this time), or is a
      generator that yields them; `async def` works for both. `input` may be left out.
    - `async def run(self)`, your own loop, with `await self.emit(output)`.

    `load(self)` or `load(self, config_path)` is called once before; `config_path` is a path or None.

    Code that is not async runs in one thread of its own, always the same, from the constructor on (CUDA contexts
    belong to a thread). Async code runs on the event loop, where a long computation would hold up frames.

    fps: steps a second, and pictures a second within a batch. A faster model is held back to it, a slower one is
        sent as it comes.
    state: the inputs. Annotate it, or the parameter `input`, with your InputState class.
    output: the Output class. Only needed where `generate` has no return annotation and several are in the file.
    """

    fps: float = 30
    output: ClassVar[type[Output] | None] = None
    state: Any
    _emit: Emit | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        app = super().__new__(cls)
        app.state = InputState()
        return app

    async def emit(self, output: Output) -> None:
        """Send one picture, or one batch in display order, on each track of `output`. For use in `run`.

        Shapes: video uint8 RGB (H, W, 3) or (N, H, W, 3); audio int16 or float, (samples,) or (channels, samples).
        Units:  stamped here in microseconds of the monotonic clock that audio and video share.
        Timing: one picture leaves at once, a batch is spread over the last step; waits while ahead of `fps` or while
                audio is full. The arrays may be reused once it returns.
        Errors: VideoError, AudioError and TrackError name track, got and expected:
                "main_video: got float32 (3, 720, 1280), expected uint8 (H, W, 3) or (N, H, W, 3)".
        Source: colour is ITU-R BT.601 limited range.
        """
        if self._emit is None:
            raise RuntimeError("emit works while the host runs the model: call it from run()")
        await self._emit(output)


class ReactorPipeline(ReactorApp):
    """A model whose step is called `inference(self, input)` instead of `generate`; everything else is the same."""
