"""Commands of every outcome. What reached the model is told by `counted`, and drawn: the picture is grey of that many steps."""

import asyncio
import time
from dataclasses import dataclass

import numpy as np
from reactor_host import (
    ClientInfo,
    CommandError,
    InputField,
    InputState,
    ModelMessage,
    Output,
    ReactorApp,
    Video,
    connected,
    disconnected,
    event,
    session_ended,
    session_started,
)


class State(InputState):
    shade: int = InputField(default=40, ge=0, le=255, description="How bright the picture is.")
    mood: str = InputField(default="calm", choices=["calm", "wild"], description="Nothing depends on it.")


@dataclass
class Frame(Output):
    main_video: Video


class Counted(ModelMessage):
    numbers: list[int]


class Came(ModelMessage):
    client: str


class Commands(ReactorApp):
    state: State

    def load(self) -> None:
        self.numbers: list[int] = []

    @session_started
    def begin(self) -> None:
        print("session started", flush=True)

    @session_ended
    def end(self) -> None:
        print("session ended", flush=True)

    @connected
    async def came(self, client: ClientInfo) -> None:
        await self.send(Came(client=client.id))

    @disconnected
    def went(self, client: ClientInfo) -> None:
        print(f"gone: {client.id}", flush=True)

    @event(name="count")
    def count(self, number: int) -> None:
        self.numbers.append(number)

    @event(name="numbers")
    def told(self) -> Counted:
        return Counted(numbers=list(self.numbers))

    @event(name="slow")
    async def slow(self, seconds: float = InputField(default=1.0, ge=0, le=5)) -> None:
        await asyncio.sleep(seconds)

    @event(name="refuse")
    def refuse(self) -> None:
        raise CommandError("no_credits", "no credits remain")

    @event(name="fail")
    def fail(self) -> None:
        raise RuntimeError("a fault of the author")

    @event(name="dim")
    def dim(self) -> None:
        self.state.shade = 8

    def generate(self, input: State) -> Frame:
        time.sleep(1 / 60)
        return Frame(main_video=np.full((240, 320, 3), input.shade, np.uint8))
