"""A room to talk in: messages to all and to one, a typed error. Run it: npm start -- python-host/examples/chat.py"""

import zlib
from collections import deque

import cv2
import numpy as np
import reactor_host as rh
from reactor_host import ClientInfo, InputField, MessageField

COLORS = [(235, 94, 85), (58, 141, 222), (60, 170, 110), (240, 170, 50), (150, 100, 210), (40, 175, 185)]
WHITE, FONT = (235, 238, 245), cv2.FONT_HERSHEY_DUPLEX


class State(rh.InputState):
    topic: str = InputField(default="anything", max_length=40, description="Of this room.")


class Said(rh.ModelMessage):
    """Somebody has said something."""

    who: str = MessageField(description="The name, or the client's id.")
    text: str


class Welcome(rh.ModelMessage):
    """For one who has just come, or has a name now."""

    you: str = MessageField(description="How you are called here.")
    others: int = MessageField(description="How many are here with you.")


class Frame(rh.Output):
    main_video: rh.Video


class Chat(rh.ReactorApp):
    """A room to talk in. Each name has a colour; that of the last speaker is on top."""

    state: State

    def load(self) -> None:
        self.begin()

    @rh.session_started
    def begin(self) -> None:
        self.names: dict[str, str] = {}
        self.lines: deque[tuple[str, str]] = deque(maxlen=8)

    @rh.connected
    async def came(self, client: ClientInfo) -> None:
        self.names[client.id] = client.id
        await client.send(Welcome(you=client.id, others=len(self.names) - 1))

    @rh.disconnected
    def went(self, client: ClientInfo) -> None:
        self.names.pop(client.id, None)

    @rh.event(description="Says who you are.")
    def call_me(self, client: ClientInfo, name: str = InputField(min_length=1, max_length=20)) -> Welcome:
        if name in self.names.values():
            raise rh.CommandError("name_taken", f"There is a {name} here already.")
        self.names[client.id] = name
        return Welcome(you=name, others=len(self.names) - 1)

    @rh.event(description="Says something to all.")
    async def say(self, client: ClientInfo, text: str = InputField(min_length=1, max_length=60)) -> None:
        who = self.names.get(client.id, client.id)
        self.lines.append((who, text))
        await self.send(Said(who=who, text=text))

    def generate(self, input: State) -> Frame:
        picture = np.full((720, 1280, 3), (24, 26, 34), np.uint8)
        for index, (who, text) in enumerate(self.lines):
            picture[:110] = COLORS[zlib.crc32(who.encode()) % len(COLORS)]
            cv2.putText(picture, f"{who}: {text}", (40, 180 + 70 * index), FONT, 1, WHITE, 1, cv2.LINE_AA)
        cv2.putText(picture, f"About {input.topic}", (40, 72), FONT, 1.4, WHITE, 2, cv2.LINE_AA)
        return Frame(main_video=picture)
