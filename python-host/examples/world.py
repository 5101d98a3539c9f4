"""An island to walk on with W, A, S and D, or the arrows. Run it: npm start -- python-host/examples/world.py"""

import cv2
import numpy as np
import reactor_host as rh
from reactor_host import InputField, MessageField

TILE = 80
MAP = [
    "~~~~~~~~~~~~~~~~",
    "~..####....~~~~~",
    "~..#..#..T..~~~~",
    "~..#..........~~",
    "~..####..~~...~~",
    "~........~~~...~",
    "~~..T.....~..*.~",
    "~~~........T...~",
    "~~~~~~~~~~~~~~~~",
]
COLORS = {"~": (38, 92, 160), ".": (96, 160, 78), "#": (112, 108, 116), "T": (36, 92, 52)}
COLORS["*"] = (240, 200, 60)
WAYS = {"KeyW": (0, -1), "KeyA": (-1, 0), "KeyS": (0, 1), "KeyD": (1, 0)}
WAYS |= {"ArrowUp": (0, -1), "ArrowLeft": (-1, 0), "ArrowDown": (0, 1), "ArrowRight": (1, 0)}


class State(rh.InputState):
    speed: float = InputField(default=4.0, ge=0.5, le=12, description="In tiles a second.")


class Reached(rh.ModelMessage):
    """The walker has come to another kind of ground."""

    ground: str = MessageField(description="grass or treasure.")
    walked: float = MessageField(description="How far the way was, in tiles.")


class Frame(rh.Output):
    main_video: rh.Video


class World(rh.ReactorApp):
    """One walker on an island, steered by all who watch."""

    state: State

    def load(self) -> None:
        tiles = np.array([[COLORS[tile] for tile in row] for row in MAP], np.uint8)
        self.ground = tiles.repeat(TILE, 0).repeat(TILE, 1)
        self.begin()

    @rh.session_started
    def begin(self) -> None:
        self.at, self.walked, self.on = np.array([2.5, 3.5]), 0.0, "grass"
        self.held: set[tuple[str, str]] = set()

    @rh.event(bind="keyboard", description="Walks while a key is held.")
    def key(self, code: str, pressed: bool, client: rh.ClientInfo) -> None:
        (self.held.add if pressed else self.held.discard)((client.id, code))

    @rh.disconnected
    def let_go(self, client: rh.ClientInfo) -> None:
        self.held = {each for each in self.held if each[0] != client.id}

    async def process_input(self) -> tuple[int, int]:
        ways = [WAYS[code] for _, code in self.held if code in WAYS]
        way = np.clip(np.sum(ways or [(0, 0)], axis=0), -1, 1)
        for step in np.diag(way * self.state.speed / self.fps):
            x, y = self.at + step
            if MAP[int(y)][int(x)] in ".*":
                self.at += step
                self.walked += float(np.abs(step).sum())
        ground = "treasure" if MAP[int(self.at[1])][int(self.at[0])] == "*" else "grass"
        if ground != self.on:
            self.on = ground
            await self.send(Reached(ground=ground, walked=round(self.walked, 1)))
        return round(self.at[0] * TILE), round(self.at[1] * TILE)

    def generate(self, at: tuple[int, int]) -> Frame:
        return Frame(main_video=cv2.circle(self.ground.copy(), at, 30, (235, 70, 60), -1, cv2.LINE_AA))
