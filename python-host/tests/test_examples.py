"""What viewers do to the interactive examples shows in their pictures."""

from __future__ import annotations

import asyncio
import base64

import cv2
import numpy as np
import numpy.typing as npt
from host import Host, running_host
from models import EXAMPLES, running_model
from reactor_host import ClientInfo, ModelMessage, messages
from reactor_host.loader import load_class
from reactor_host.message import message_data
from reactor_host.model_spec import describe
from reactor_host.outbox import Sent

Rgb = npt.NDArray[np.uint8]


def shown(host: Host) -> Rgb:
    """The newest picture, as a viewer decodes it."""
    i420 = np.frombuffer(host.payloads("main_video")[-1], np.uint8).reshape(720 * 3 // 2, 1280)
    return cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420).astype(np.uint8)


async def until_colour(host: Host, x: int, y: int, colour: tuple[int, int, int]) -> None:
    def is_it() -> bool:
        return bool(host.of(messages.Video)) and bool(
            np.abs(shown(host)[y, x].astype(int) - colour).max() <= 6
        )

    await host.until(is_it, f"{colour} at {x}, {y}")


async def good(host: Host, name: str, data: dict[str, object], client: str = "c1") -> messages.CommandDone:
    done = await host.ask(name, data, client)
    assert done.error is None, done.error
    return done


def test_paint() -> None:
    async def run() -> None:
        async with (
            running_host() as host,
            running_model(EXAMPLES / "paint.py", host, REACTOR_HOST_GENERATE="connected"),
        ):
            await host.start_session("s1", "c1", "c2")
            await until_colour(host, 640, 360, (18, 22, 34))
            await good(host, "set_color", {"color": "#c83232"})
            await good(host, "set_brush", {"brush": 100})
            # Where the pointer is pressed: a line from its last place, in round ends.
            for x, pressed in ((0.25, True), (0.5, True), (0.5, False)):
                await good(host, "point", {"x": x, "y": 0.5, "pressed": pressed})
            await until_colour(host, 480, 360, (200, 50, 50))
            await until_colour(host, 900, 360, (18, 22, 34))
            # One who did not press draws no line from another's place.
            await good(host, "set_tip", {"tip": "square"}, "c2")
            await good(host, "point", {"x": 0.9, "y": 0.9, "pressed": True}, "c2")
            await until_colour(host, 1152 - 46, 648 - 46, (200, 50, 50))
            assert tuple(shown(host)[500, 800]) == tuple(shown(host)[360, 900])
            await good(host, "bar", {"row": 1, "color": "#3250c8"}, "c2")
            await until_colour(host, 640, 100, (50, 80, 200))
            assert host.of(messages.Message)[-1].data == {"row": 1, "color": "#3250c8", "by": "c2"}
            await good(host, "set_grid", {"grid": True})
            await until_colour(host, 640, 80, (90, 90, 90))
            refused = (await host.ask("press")).error
            assert refused is not None and refused.code == "no_stamp"
            png = cv2.imencode(".png", np.full((8, 8, 3), (60, 170, 50), np.uint8))[1].tobytes()
            await good(host, "set_stamp", {"stamp": base64.b64encode(png).decode()})
            await good(host, "press", {})
            await until_colour(host, 600, 440, (50, 170, 60))
            before = shown(host)[640:690, 40:400].astype(int)
            await good(host, "set_title", {"title": "Hello"})
            await host.until(lambda: np.abs(shown(host)[640:690, 40:400] - before).max() > 150, "the title")
            changed = [(each.client_id, *each.values) for each in host.of(messages.StateChanged)]
            assert changed == [
                *(("c1", "color"), ("c1", "brush"), ("c2", "tip")),
                *(("c1", "grid"), ("c1", "stamp"), ("c1", "title")),
            ]

    asyncio.run(run())


def test_chat() -> None:
    async def run() -> None:
        async with (
            running_host() as host,
            running_model(EXAMPLES / "chat.py", host, REACTOR_HOST_GENERATE="connected"),
        ):
            await host.start_session("s1", "c1", "c2")
            await host.until_received(messages.Message, 2)
            assert host.of(messages.Message) == [
                messages.Message("c1", "welcome", {"you": "c1", "others": 0}),
                messages.Message("c2", "welcome", {"you": "c2", "others": 1}),
            ]
            done = await good(host, "call_me", {"name": "Ada"})
            assert done.reply == messages.Reply("welcome", {"you": "Ada", "others": 1})
            refused = (await host.ask("call_me", {"name": "Ada"}, "c2")).error
            assert refused is not None
            assert (refused.code, refused.message) == ("name_taken", "There is a Ada here already.")
            await good(host, "say", {"text": "hello"})
            assert host.of(messages.Message)[-1] == messages.Message(
                None, "said", {"who": "Ada", "text": "hello"}
            )
            await host.until(
                lambda: shown(host)[20, 1200].astype(int).max() > 150, "the colour of the speaker"
            )
            assert (await host.ask("say", {"text": ""})).error is not None

    asyncio.run(run())


def walker(picture: Rgb) -> tuple[int, int]:
    """Its tile."""
    rows, columns = np.nonzero(np.abs(picture.astype(int) - (235, 70, 60)).max(axis=2) < 30)
    return int(columns.mean()) // 80, int(rows.mean()) // 80


def test_world() -> None:
    async def run() -> None:
        async with (
            running_host() as host,
            running_model(EXAMPLES / "world.py", host, REACTOR_HOST_GENERATE="connected"),
        ):
            await host.start_session("s1", "c1")
            await until_colour(host, 200, 280, (235, 70, 60))
            await good(host, "key", {"code": "KeyS", "pressed": True})
            # It goes on while the key is held, until the water.
            await host.until(lambda: walker(shown(host)) == (2, 6), "the walker in the south")
            # A key is let go when who held it has gone.
            await host.client("c1", connected=False)
            await host.client("c2")
            await good(host, "key", {"code": "ArrowUp", "pressed": True}, "c2")
            await host.until(lambda: walker(shown(host)) == (2, 1), "the walker in the north")

    asyncio.run(run())


def test_the_treasure_of_the_world_can_be_reached() -> None:
    world = load_class(str(EXAMPLES / "world.py"))()
    sent: list[ModelMessage] = []
    world._send = lambda message, _: (sent.append(message), Sent(None))[1]  # type: ignore[func-returns-value]
    world.state = describe(type(world)).state()
    client = ClientInfo("c1", 0.0, lambda message, client: Sent(None))

    async def run() -> None:
        world.load()  # type: ignore[attr-defined]
        # West of the house, south around it, and over the land bridge.
        for code, tile in (("KeyS", 5), ("KeyD", 8), ("KeyW", 3), ("KeyD", 12), ("KeyS", 6), ("KeyD", 13)):
            world.key(code, True, client)  # type: ignore[attr-defined]
            for _ in range(100):
                at = await world.process_input()
                if at[code in ("KeyS", "KeyW")] // 80 == tile:
                    break
            else:
                raise AssertionError(f"{code} ends at {at}")
            # Into the tile, not only onto its edge.
            await world.process_input()
            world.key(code, False, client)  # type: ignore[attr-defined]

    asyncio.run(run())
    assert [message_data(each)["ground"] for each in sent] == ["treasure"]
