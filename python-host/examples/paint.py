"""A board that all who watch paint on, with every kind of control. Run it: npm start -- python-host/examples/paint.py"""

import cv2
import numpy as np
import reactor_host as rh
from reactor_host import InputField, MessageField

WIDTH, HEIGHT = 1280, 720


class State(rh.InputState):
    color: rh.Color = InputField(default="#ff8c28", description="Of the brush.")
    brush: int = InputField(default=48, ge=4, le=240, description="Its diameter in pixels.")
    tip: str = InputField(default="round", choices=["round", "square"], description="Its shape.")
    grid: bool = InputField(default=False, description="Lines to paint along.")
    title: str = InputField(default="", max_length=40, description="Written at the bottom.", moderate=True)
    stamp: rh.File = InputField(default=b"", max_length=150_000, description="A PNG or JPEG for Press.")


class Painted(rh.ModelMessage):
    """Somebody has painted a large part of the board."""

    row: int = MessageField(description="Which third, from the top.")
    color: str = MessageField(description="In which colour.")
    by: str = MessageField(description="The client that did it.")


class Frame(rh.Output):
    main_video: rh.Video


class Paint(rh.ReactorApp):
    """A board to paint on together."""

    state: State

    def load(self) -> None:
        self.begin()

    @rh.session_started
    def begin(self) -> None:
        self.board = np.full((HEIGHT, WIDTH, 3), (18, 22, 34), np.uint8)
        self.last: dict[str, tuple[int, int]] = {}

    @rh.event(bind="pointer", description="Paints where the pointer is pressed.")
    def point(self, x: float, y: float, pressed: bool, client: rh.ClientInfo) -> None:
        at = (round(x * WIDTH), round(y * HEIGHT))
        before = self.last.pop(client.id, at)
        if pressed:
            self.last[client.id] = at
            color, size = rh.rgb_of(self.state.color), self.state.brush
            if self.state.tip == "round":
                cv2.line(self.board, before, at, color, size)
            else:
                corners = ((at[0] - size // 2, at[1] - size // 2), (at[0] + size // 2, at[1] + size // 2))
                cv2.rectangle(self.board, *corners, color, -1)

    @rh.event(description="Paints a third of the board, counted from the top.")
    def bar(
        self, client: rh.ClientInfo, row: int = InputField(1, ge=1, le=3), color: rh.Color = "#28c8a0"
    ) -> None:
        self.board[(row - 1) * HEIGHT // 3 : row * HEIGHT // 3] = rh.rgb_of(color)
        self.send(Painted(row=row, color=color, by=client.id))

    @rh.event(description="Puts the stamp's picture into the middle.")
    def press(self) -> None:
        if not self.state.stamp:
            raise rh.CommandError("no_stamp", "Choose a PNG or JPEG as the stamp first.")
        picture = cv2.imdecode(np.frombuffer(self.state.stamp, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            raise rh.CommandError("no_picture", "The stamp is neither PNG nor JPEG.")
        self.board[180:540, 320:960] = cv2.resize(picture[..., ::-1], (640, 360))

    def generate(self, input: State) -> Frame:
        picture = self.board.copy()
        if input.grid:
            picture[::80], picture[:, ::80] = 90, 90
        cv2.putText(picture, input.title, (40, 680), cv2.FONT_HERSHEY_DUPLEX, 1.6, (255, 255, 255), 2)
        return Frame(main_video=picture)
