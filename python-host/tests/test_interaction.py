"""Commands, messages, state and sessions of a model in a process of its own, against the host's side of the protocol."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from host import Host, running_host
from models import running_model
from reactor_host import messages

HEAD = """
import asyncio, threading, time
import numpy as np
from typing import ClassVar, Iterator, Literal
from reactor_host import *

def grey(level):
    return np.full((4, 4, 3), level, np.uint8)

class Frame(Output):
    main_video: Video

class State(InputState):
    level: int = InputField(default=10, ge=0, le=255, description="How bright.")
    mood: str = InputField(default="calm", choices=["calm", "wild"])
    names: list[str] = InputField(default_factory=list, max_length=2)
    stamp: File = InputField(default=b"", max_length=6)

class Noted(ModelMessage):
    "Something was noted."
    text: str = MessageField(description="What.")
    count: int = 0
"""

MODEL = """
class Model(ReactorApp):
    "Shows its level."
    state: State

    def load(self):
        self.log = []

    @event
    def flash(self, to: int = InputField(default=255, ge=0, le=255)) -> Noted:
        "For one picture."
        self.state.level = to
        return Noted(text="flashed", count=to)

    @event(name="wave", description="Greets.")
    async def greet(self, whom: str, client: ClientInfo):
        await self.send(Noted(text=f"hello {whom}"))
        await client.send(Noted(text="only you"))

    @event
    def refuse(self):
        raise CommandError("no_credit", "nothing is left")

    @event
    def fail(self):
        raise ValueError("a secret path")

    @event
    def back(self) -> int:
        return 3

    @event(bind="pointer")
    def touch(self, x: float, y: float, pressed: bool): ...

    def generate(self, input) -> Frame:
        return Frame(grey(input.level))
"""


def luma(grey: int) -> int:
    return round(16 + grey * 219 / 255)


def write(folder: Path, text: str) -> Path:
    path = folder / "model.py"
    path.write_text(HEAD + text)
    return path


async def finish(host: Host, model: Any) -> str:
    await host.send({"type": "shutdown"})
    code, stderr = await model.ended()
    assert code == 0, stderr
    return str(stderr)


async def until_shown(host: Host, grey: int) -> None:
    await host.until(lambda: host.payloads("main_video")[-1:] and shown(host) == luma(grey), f"level {grey}")


def shown(host: Host) -> int:
    return host.payloads("main_video")[-1][0]


def test_the_interface_is_told_before_anything_else(tmp_path: Path) -> None:
    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, MODEL), host) as model:
            await host.until(lambda: host.of(messages.Status))
            assert [type(message) for message, _ in host.received][:2] == [messages.Hello, messages.Interface]
            told = host.of(messages.Interface)[0]
            assert told.description == "Shows its level."
            assert told.state == {"level": 10, "mood": "calm", "names": [], "stamp": {"bytes": 0}}
            commands = {each.name: each for each in told.commands}
            assert list(commands) == [
                *("set_level", "set_mood", "set_names", "set_stamp"),
                *("flash", "wave", "refuse", "fail", "back", "touch"),
            ]
            level = commands["set_level"]
            assert (level.state_field, level.description, level.bind) == ("level", "How bright.", None)
            assert level.parameters == {
                "type": "object",
                "properties": {
                    "level": {
                        "type": "integer",
                        "title": "Level",
                        "default": 10,
                        "minimum": 0,
                        "maximum": 255,
                        "description": "How bright.",
                    }
                },
                "required": ["level"],
                "additionalProperties": False,
            }
            assert commands["set_mood"].parameters["properties"]["mood"]["enum"] == ["calm", "wild"]
            # Four letters carry three bytes.
            stamp = commands["set_stamp"].parameters["properties"]["stamp"]
            assert (stamp["contentEncoding"], stamp["maxLength"]) == ("base64", 8)
            assert commands["wave"].description == "Greets."
            assert commands["flash"].description == "For one picture."
            assert list(commands["wave"].parameters["properties"]) == ["whom"]
            assert commands["touch"].bind == "pointer"
            assert [each.name for each in told.messages] == ["noted"]
            assert told.messages[0].description == "Something was noted."
            assert told.messages[0].data["required"] == ["text"]
            await finish(host, model)

    asyncio.run(run())


def test_a_command_is_done_and_seen(tmp_path: Path) -> None:
    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, MODEL), host) as model:
            await host.start_session("s1", "c1", "c2")
            assert await host.ask("set_level", {"level": 200}) == messages.CommandDone(1, None, None)
            assert host.of(messages.StateChanged) == [messages.StateChanged("c1", {"level": 200})]
            await until_shown(host, 200)
            done = await host.ask("flash", {"to": 250}, client="c2")
            assert done == messages.CommandDone(
                2, None, messages.Reply("noted", {"text": "flashed", "count": 250})
            )
            assert host.of(messages.StateChanged)[-1] == messages.StateChanged("c2", {"level": 250})
            await until_shown(host, 250)
            assert (await host.ask("wave", {"whom": "you"}, client="c2")).error is None
            assert host.of(messages.Message) == [
                messages.Message(None, "noted", {"text": "hello you", "count": 0}),
                messages.Message("c2", "noted", {"text": "only you", "count": 0}),
            ]
            assert (await host.ask("set_stamp", {"stamp": "AAEC"})).error is None
            assert host.of(messages.StateChanged)[-1].values == {"stamp": {"bytes": 3}}
            await finish(host, model)

    asyncio.run(run())


REFUSED: list[tuple[str, Any, str, str, str | None, Any]] = [
        ("set_level", {"level": 300}, "invalid-command", "level: got 300, expected less than or equal to 255", "level", {"le": 255}),
        ("set_level", {"level": -1}, "invalid-command", "level: got -1, expected greater than or equal to 0", "level", {"ge": 0}),
        ("set_level", {"level": "9"}, "invalid-command", "level: got '9', expected a valid integer", "level", {"type": "integer"}),
        ("set_level", {"level": True}, "invalid-command", "level: got True, expected a valid integer", "level", {"type": "integer"}),
        ("set_level", {}, "invalid-command", "level is missing", "level", None),
        ("set_level", {"levle": 1, "level": 1}, "invalid-command", "set_level has no parameter 'levle'", "levle", None),
        ("set_mood", {"mood": "sad"}, "invalid-command", "mood: got 'sad', expected one of 'calm', 'wild'", "mood", {"choices": ["calm", "wild"]}),
        ("set_names", {"names": ["a", "b", "c"]}, "invalid-command", "names: got ['a', 'b', 'c'], list should have at most 2 items", "names", {"max_length": 2}),
        ("set_names", {"names": ["a", 1]}, "invalid-command", "names.1: got 1, expected a valid string", "names.1", None),
        ("set_stamp", {"stamp": "AAECAwQFBgc="}, "invalid-command", "data should have at most 6 bytes", "stamp", {"max_length": 6}),
        ("set_stamp", {"stamp": "not base64"}, "invalid-command", "stamp: got 'not base64', expected base64", "stamp", None),
        ("flash", {"to": 256}, "invalid-command", "to: got 256, expected less than or equal to 255", "to", {"le": 255}),
        ("wave", {}, "invalid-command", "whom is missing", "whom", None),
        ("wave", {"whom": "x", "client": "y"}, "invalid-command", "wave has no parameter 'client'", "client", None),
        ("set_levl", {"level": 1}, "unknown-command", "there is no command 'set_levl'", None, None),
        ("generate", {}, "unknown-command", "there is no command 'generate'", None, None),
        ("refuse", {}, "no_credit", "nothing is left", None, None),
        ("fail", {}, "command-failed", "fail failed in the model", None, None),
        ("back", {}, "command-failed", "back failed in the model", None, None),
]  # fmt: skip


def test_a_bad_command_is_refused_and_the_model_goes_on(tmp_path: Path) -> None:
    async def run() -> str:
        async with running_host() as host, running_model(write(tmp_path, MODEL), host) as model:
            await host.start_session("s1", "c1")
            for name, data, code, message, field, limit in REFUSED:
                error = (await host.ask(name, data)).error
                assert error is not None, name
                assert (error.code, error.field, error.limit) == (code, field, limit)
                assert message in error.message
            assert host.of(messages.StateChanged) == []
            hints = [each.error.hint for each in host.of(messages.CommandDone) if each.error]
            assert {"did you mean level?", "did you mean set_level?"} <= set(hints)
            assert (await host.ask("set_level", {"level": 9})).error is None
            await until_shown(host, 9)
            return await finish(host, model)

    stderr = asyncio.run(run())
    # The author sees what went wrong, and where; whoever sent the command does not.
    assert 'raise ValueError("a secret path")' in stderr
    assert "error: Model.fail raised ValueError: a secret path" in stderr
    assert "error: back returned int, expected a ModelMessage or None" in stderr
    assert stderr.count("error: ") == 2


def test_it_steps_while_somebody_is_connected(tmp_path: Path) -> None:
    async def run() -> None:
        path = write(tmp_path, MODEL)
        async with (
            running_host() as host,
            running_model(path, host, REACTOR_HOST_GENERATE="connected") as model,
        ):
            await host.until(lambda: messages.Status("idle") in host.of(messages.Status))
            await host.start_session("s1")
            # A command is answered while nobody is there; there is no picture of it.
            assert (await host.ask("set_level", {"level": 77}, client="http")).error is None
            assert not host.of(messages.Video)
            await host.client("c1")
            await host.until(lambda: host.of(messages.Video))
            assert host.payloads("main_video")[0][0] == luma(77)
            await host.client("c1", connected=False)
            await host.until(lambda: host.of(messages.Status)[-1].state == "idle")
            seen = len(host.of(messages.Video))
            assert (await host.ask("flash", {"to": 33}, client="http")).error is None
            assert len(host.of(messages.Video)) == seen
            await host.client("c2")
            await until_shown(host, 33)
            assert [each.state for each in host.of(messages.Status)] == [
                "loading",
                "idle",
                "running",
                "idle",
                "running",
            ]
            await finish(host, model)

    asyncio.run(run())


HOOKS = """
class Model(ReactorApp):
    state: State

    @session_started
    def begin(self):
        self.lines = [f"started {self.state.level} {self.connected.is_set()}"]
        self.state.level = 20

    @connected
    async def came(self, client: ClientInfo):
        self.lines.append(f"+{client.id} {self.connected.is_set()}")
        await client.send(Noted(text="welcome"))

    @disconnected
    def went(self, client):
        self.lines.append(f"-{client.id} {self.connected.is_set()}")
        raise RuntimeError("in a hook")

    @session_ended
    def end(self):
        get_logger("said").info("; ".join([*self.lines, f"ended {self.state.level} {self.connected.is_set()}"]))

    def generate(self, input) -> Frame:
        return Frame(grey(input.level))
"""


def test_sessions_and_clients_are_told_in_their_order_and_the_state_is_that_of_one_session(
    tmp_path: Path,
) -> None:
    async def run() -> str:
        path = write(tmp_path, HOOKS)
        async with (
            running_host() as host,
            running_model(path, host, REACTOR_HOST_GENERATE="connected") as model,
        ):
            await host.start_session("s1", "c1", "c2")
            await until_shown(host, 20)
            assert (await host.ask("set_level", {"level": 30})).error is None
            await host.client("c1", connected=False)
            await until_shown(host, 30)
            await host.end_session("s1")
            assert host.of(messages.StateChanged)[-1] == messages.StateChanged(None, {"level": 10})
            seen = len(host.of(messages.Video))
            await host.start_session("s2", "c3")
            await until_shown(host, 20)
            assert {payload[0] for payload in host.payloads("main_video")[seen:]} == {luma(20)}
            assert [each.client_id for each in host.of(messages.Message)] == ["c1", "c2", "c3"]
            return await finish(host, model)

    stderr = asyncio.run(run())
    assert "INFO said: started 10 False; +c1 True; +c2 True; -c1 True; ended 30 False" in stderr
    assert "error: Model.went raised RuntimeError: in a hook" in stderr and "[hook-raised]" in stderr


def test_a_model_that_is_connected_anew_keeps_its_session(tmp_path: Path) -> None:
    async def run() -> None:
        path = write(tmp_path, HOOKS)
        async with (
            running_host() as host,
            running_model(path, host, REACTOR_HOST_GENERATE="connected") as model,
        ):
            await host.start_session("s1", "c1", "c2")
            assert (await host.ask("set_level", {"level": 30})).error is None
            await host.drop_connection()
            await host.until(lambda: len(host.of(messages.Interface)) == 2)
            # c2 has gone while there was no connection.
            await host.start_session("s1", "c1")
            # A host that has just come to know it has the values of its interface, and is told the others.
            await host.until(
                lambda: host.of(messages.StateChanged)[-1] == messages.StateChanged(None, {"level": 30})
            )
            await until_shown(host, 30)
            assert [each.client_id for each in host.of(messages.Message)] == ["c1", "c2"]
            await host.client("c1", connected=False)
            await host.until(lambda: host.of(messages.Status)[-1].state == "idle", "nobody being left")
            await finish(host, model)

    asyncio.run(run())


def test_handlers_run_between_steps_in_the_order_that_commands_came(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    state: State
    seen = ""
    in_step = False

    @event
    def sync(self, mark: str):
        assert not self.in_step and threading.current_thread() is self.thread
        self.seen += mark
        time.sleep(0.005)

    @event
    async def slow(self, mark: str):
        assert not self.in_step
        await asyncio.sleep(0.01)
        assert not self.in_step
        self.seen += mark

    @event
    def all(self) -> Noted:
        return Noted(text=self.seen)

    def generate(self, input) -> Frame:
        self.thread = threading.current_thread()
        self.in_step = True
        time.sleep(0.01)
        self.in_step = False
        return Frame(grey(input.level))
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            await host.start_session("s1", "c1")
            await host.until(lambda: host.of(messages.Video))
            for index in range(30):
                await host.post("sync" if index % 2 else "slow", {"mark": chr(65 + index)})
            done = await host.ask("all")
            assert done.reply is not None
            assert done.reply.data["text"] == "".join(chr(65 + index) for index in range(30))
            assert all(each.error is None for each in host.of(messages.CommandDone))
            assert [each.request_id for each in host.of(messages.CommandDone)] == list(range(1, 32))
            await finish(host, model)

    asyncio.run(run())


def test_a_command_is_in_the_first_picture_that_begins_after_it(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    state: State
    set_to = 10

    @event
    def put(self, level: int):
        self.set_to = self.state.level = level

    def generate(self, input) -> Frame:
        # What a step began with is what it ends with.
        begun = input.level
        time.sleep(0.02)
        assert begun == input.level == self.set_to
        return Frame(grey(begun))
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            await host.start_session("s1", "c1")
            await host.until(lambda: host.of(messages.Video))
            for level in range(20, 220, 20):
                await host.ask("put", {"level": level})
                seen = len(host.of(messages.Video))
                await host.until_received(messages.Video, seen + 2)
                # The step that was under way when the command came is through before that is done.
                assert host.payloads("main_video")[seen + 1][0] == luma(level)
                assert host.payloads("main_video")[seen][0] == luma(level)
            await finish(host, model)

    asyncio.run(run())


STEP_IN_TWO = """
class Model(ReactorApp):
    # A handler is longer than a step has to wait: the next one is what goes on after it.
    fps = 1000
    state: State
    steps = 0

    async def until(self, name):
        while not (FOLDER / name).exists():
            await asyncio.sleep(0.002)

    @event
    async def slow(self):
        await self.send(Noted(text="handling"))
        await self.until("handled")
        await asyncio.sleep(0.1)

    async def generate(self, input) -> Frame:
        begun = input.level
        self.steps += 1
        if self.steps == 2:
            await self.send(Noted(text="stepping"))
            await self.until("stepped")
        return Frame(grey(begun))
"""


def test_a_command_that_came_during_a_step_or_a_handler_is_in_the_very_next_picture(tmp_path: Path) -> None:
    async def run(during_handler: bool) -> list[int]:
        folder = tmp_path / str(during_handler)
        folder.mkdir()
        path = write(folder, f"import pathlib\nFOLDER = pathlib.Path({str(folder)!r})\n{STEP_IN_TWO}")
        async with running_host() as host, running_model(path, host) as model:

            async def told(text: str) -> None:
                await host.until(lambda: text in [each.data["text"] for each in host.of(messages.Message)])

            await told("stepping")
            if during_handler:
                await host.post("slow")
                await host.arrived()
                (folder / "stepped").touch()
                await told("handling")
            await host.post("set_level", {"level": 200})
            await host.arrived()
            (folder / "handled" if during_handler else folder / "stepped").touch()
            await host.until_received(messages.Video, 4)
            await finish(host, model)
            return [payload[0] for payload in host.payloads("main_video")[:4]]

    for during_handler in (False, True):
        assert asyncio.run(run(during_handler)) == [luma(10), luma(10), luma(200), luma(200)]


def test_a_slow_handler_does_not_stop_pictures_that_are_made(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    state: State

    @event
    def block(self):
        self.began = time.monotonic_ns() // 1000
        time.sleep(1.5)

    @event
    def began(self) -> Noted:
        return Noted(text="", count=self.began_us)

    def generate(self) -> Iterator[Frame]:
        while True:
            time.sleep(1)
            yield Frame(np.stack([grey(8 * index) for index in range(30)]))
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            await host.start_session("s1", "c1")
            await host.until(lambda: len(host.of(messages.Video)) > 32)
            await host.post("block")
            seen = len(host.of(messages.Video))
            # The rest of the batch leaves though the model's thread is taken.
            await host.until(lambda: len(host.of(messages.Video)) > seen + 20)
            assert not host.of(messages.CommandDone)
            await host.until(lambda: host.of(messages.CommandDone))
            await finish(host, model)

    asyncio.run(run())


def test_what_the_model_changes_itself_is_told_once_a_step(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    state: State
    steps = 0

    def generate(self, input) -> Frame:
        self.steps += 1
        if self.steps in (5, 6):
            input.level = 50
            self.state.level = 60
            self.state.names.append("x" * self.steps)
        return Frame(grey(input.level))
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            await host.until(lambda: len(host.of(messages.Video)) >= 8)
            assert host.of(messages.StateChanged) == [
                messages.StateChanged(None, {"level": 60, "names": ["xxxxx"]}),
                messages.StateChanged(None, {"names": ["xxxxx", "xxxxxx"]}),
            ]
            await finish(host, model)

    asyncio.run(run())


STEP_HOOKS = """
class NotYet(ApplicationError):
    def __init__(self):
        super().__init__("the level is 10")

class Model(ReactorApp):
    state: State

    async def process_input(self):
        if self.state.level == 10:
            raise NotYet
        return self.state.level * 2

    def generate(self, level: int) -> int:
        if level == 82:
            raise ValueError("not this one")
        return level

    async def process_output(self, outcome: StepOutcome) -> Frame | None:
        if outcome.error is not None:
            await self.send(Noted(text=str(outcome.error)))
            return Frame(grey(1))
        assert outcome.elapsed > 0
        return Frame(grey(outcome.result))

    output = Frame
"""


def test_process_input_may_refuse_and_process_output_may_go_on(tmp_path: Path) -> None:
    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, STEP_HOOKS), host) as model:
            await host.start_session("s1", "c1")
            assert (await host.ask("set_level", {"level": 40})).error is None
            await until_shown(host, 80)
            assert {payload[0] for payload in host.payloads("main_video")} == {luma(80)}
            assert (await host.ask("set_level", {"level": 41})).error is None
            await until_shown(host, 1)
            assert host.of(messages.Message)[0].data["text"] == "not this one"
            assert (await host.ask("set_level", {"level": 42})).error is None
            await until_shown(host, 84)
            await finish(host, model)

    asyncio.run(run())


def test_a_model_with_a_loop_of_its_own_waits_for_somebody_by_itself(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    state: State

    def load(self):
        self.go = asyncio.Event()

    @event
    def start(self):
        self.go.set()

    async def run(self):
        await self.connected.wait()
        await self.go.wait()
        while True:
            await self.emit(Frame(grey(self.state.level)))
"""

    async def run() -> None:
        path = write(tmp_path, text)
        async with (
            running_host() as host,
            running_model(path, host, REACTOR_HOST_GENERATE="connected") as model,
        ):
            await host.until(lambda: messages.Status("idle") in host.of(messages.Status))
            await host.start_session("s1", "c1")
            assert (await host.ask("set_level", {"level": 99})).error is None
            assert not host.of(messages.Video)
            assert (await host.ask("start")).error is None
            await until_shown(host, 99)
            await finish(host, model)

    asyncio.run(run())


def test_more_commands_than_can_wait_are_refused(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    state: State

    @event
    def block(self):
        while not self.connected.is_set():
            time.sleep(0.01)

    def generate(self, input) -> Frame:
        time.sleep(0.5)
        return Frame(grey(input.level))
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            await host.until(lambda: host.of(messages.Video))
            for _ in range(600):
                await host.post("set_level", {"level": 1})
            await host.until(lambda: len(host.of(messages.CommandDone)) == 600)
            codes = [each.error.code for each in host.of(messages.CommandDone) if each.error]
            assert codes and set(codes) == {"too-many-messages"}
            assert len(codes) <= 600 - 256
            await finish(host, model)

    asyncio.run(run())


def test_a_generator_begins_anew_with_each_session(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    state: State

    def generate(self, input) -> Iterator[Frame]:
        try:
            for count in range(200):
                yield Frame(grey(min(count, 2) + input.level))
        finally:
            get_logger("said").info("closed")
"""

    async def run() -> str:
        path = write(tmp_path, text)
        async with (
            running_host() as host,
            running_model(path, host, REACTOR_HOST_GENERATE="connected") as model,
        ):
            await host.start_session("s1", "c1")
            await until_shown(host, 12)
            # Somebody comes back to the same session: it goes on.
            await host.client("c1", connected=False)
            await host.until(lambda: host.of(messages.Status)[-1].state == "idle")
            seen = len(host.of(messages.Video))
            await host.client("c1")
            await host.until(lambda: len(host.of(messages.Video)) > seen)
            assert host.payloads("main_video")[seen][0] == luma(12)
            await host.end_session("s1")
            seen = len(host.of(messages.Video))
            await host.start_session("s2", "c1")
            await host.until(lambda: len(host.of(messages.Video)) > seen + 1)
            assert host.payloads("main_video")[seen][0] == luma(10)
            return await finish(host, model)

    assert "said: closed" in asyncio.run(run())


def test_describe_prints_one_line_of_json_last(tmp_path: Path) -> None:
    async def run() -> str:
        path = write(tmp_path, 'print("while importing")\n' + MODEL)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "reactor_host", "--describe", str(path)),
            stdout=asyncio.subprocess.PIPE,
        )
        stdout, _ = await process.communicate()
        assert process.returncode == 0
        return stdout.decode()

    *before, line = asyncio.run(run()).splitlines()
    assert before == ["while importing"]
    described = json.loads(line)
    assert (described["model"], described["tracks"][0]["name"]) == ("Model", "main_video")
    assert described["interface"]["commands"][0]["name"] == "set_level"


SPEECH = """
class Speech(Output):
    main_video: Video
    main_audio: Audio

def sentence():
    # A minute at one picture a second, and more sound than a host takes at once.
    return Speech(np.stack([grey(200)] * 60), np.full(48_000 * 6, 0.5, np.float32))
"""


def test_flush_cuts_a_batch_and_its_sound_and_the_model_goes_on(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    fps = 1
    speaks = True

    @event
    def cut(self, hold: bool):
        self.output.flush(hold=hold)

    @event
    def speak(self):
        self.speaks = True

    def generate(self) -> Speech | None:
        speaks, self.speaks = self.speaks, False
        return sentence() if speaks else None
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, SPEECH + text), host) as model:
            host.acknowledges = False
            await host.start_session("s1", "c1")
            await host.until_received(messages.Video, 1, "main_video")
            # As much as a host takes; the rest waits for credit.
            await host.until(
                lambda: sum(each.samples for each in host.of(messages.Audio, "main_audio")) >= 96_000
            )
            first = host.of(messages.Video, "main_video")[0]
            await host.acknowledge(first)

            assert (await host.ask("cut", {"hold": False})).error is None
            await host.until_received(messages.Flush, 1, "main_audio")
            await host.until_received(messages.Video, 2, "main_video")
            assert host.payloads("main_video")[1] == bytes([16] * 16 + [128] * 8)
            await host.acknowledge(host.of(messages.Video, "main_video")[1])
            sound = host.of(messages.Audio, "main_audio")
            await host.acknowledge(sound[-1])

            # It is asked at once, not when the sentence would have been over, and what it gives is sent.
            await host.ask("speak")
            await host.until_received(messages.Video, 3, "main_video")
            await host.acknowledge(host.of(messages.Video, "main_video")[2])
            assert host.payloads("main_video")[2][0] == luma(200)
            await host.until(lambda: len(host.of(messages.Audio, "main_audio")) > len(sound))
            fresh = host.of(messages.Audio, "main_audio")[len(sound)]
            assert fresh.capture_us == host.of(messages.Video, "main_video")[2].capture_us

            await host.ask("cut", {"hold": True})
            await host.until_received(messages.Flush, 2, "main_audio")
            await host.arrived()
            assert len(host.of(messages.Video, "main_video")) == 3
            await finish(host, model)

    asyncio.run(run())


def test_flush_lets_a_loop_go_on_that_waits_in_emit(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    fps = 1
    output = Speech

    @event
    async def cut(self):
        self.output.flush(hold=True)

    async def run(self):
        await self.output.emit(sentence())
        await self.output.emit(Speech(grey(50), np.zeros(480, np.float32)))
        await asyncio.sleep(3600)
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, SPEECH + text), host) as model:
            await host.start_session("s1", "c1")
            await host.until_received(messages.Audio, 1, "main_audio")
            await host.ask("cut")
            await host.until(lambda: shown(host) == luma(50), "the picture after the cut")
            assert len(host.of(messages.Video, "main_video")) == 2
            await finish(host, model)

    asyncio.run(run())
