"""One input for each kind of control of the viewer page, commands of each kind, and a message for all that arrives."""

import numpy as np
from reactor_host import (
    Color,
    CommandError,
    File,
    InputField,
    InputState,
    MessageField,
    ModelMessage,
    Output,
    ReactorApp,
    Video,
    event,
)


class State(InputState):
    speed: float = InputField(default=1.0, ge=0, le=4, description="How fast the world moves.")
    count: int = InputField(default=3, ge=1, le=64)
    total: int = InputField(default=10, ge=0, description="Without an upper limit there is no slider.")
    shape: str = InputField(default="circle", choices=["circle", "square", "star"])
    mirror: bool = InputField(default=False, description="Paints on both sides.")
    name: str = InputField(default="ann", min_length=1, max_length=20)
    prompt: str = InputField(default="", max_length=2000, description="What to draw.")
    tint: Color = InputField(default="#6ff0cd")
    seed: int | None = InputField(default=None, ge=0)
    texture: File = InputField(default=b"", max_length=3000)
    weights: list[float] = InputField(default=[1.0, 0.5])


class Said(ModelMessage):
    text: str = MessageField(description="What was said.")


class Pressed(ModelMessage):
    code: str
    pressed: bool


class Pointed(ModelMessage):
    x: float
    y: float
    pressed: bool


class Frame(Output):
    main_video: Video


class Controls(ReactorApp):
    """Everything that the viewer page makes controls of."""

    state: State

    def generate(self, input: State) -> Frame:
        return Frame(main_video=np.full((180, 320, 3), (18, 60, 90), np.uint8))

    @event
    async def clear(self) -> None:
        """Wipe the canvas."""
        await self.send(Said(text="cleared"))

    @event
    async def drift(self) -> None:
        """The model changes an input by itself."""
        self.state.speed = 2.5

    @event
    async def refuse(self) -> None:
        raise CommandError("no-paint", "there is no paint left")

    @event
    async def say(self, text: str = InputField(min_length=1, max_length=40)) -> Said:
        """The reply is for who says it."""
        return Said(text=f"{text}!")

    @event
    async def chatter(self, lines: int = InputField(default=5, ge=1, le=1000), word: str = "line") -> None:
        for line in range(lines):
            await self.send(Said(text=f"{word} {line}"))

    @event(bind="keyboard")
    async def key(self, code: str, pressed: bool) -> None:
        """Any key."""
        await self.send(Pressed(code=code, pressed=pressed))

    @event(bind="pointer")
    async def pointer(self, x: float, y: float, pressed: bool) -> None:
        """Anywhere in the picture."""
        await self.send(Pointed(x=x, y=y, pressed=pressed))
