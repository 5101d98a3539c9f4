"""Whole runs: a model in a process of its own against the host's side of the protocol."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from host import LIMIT_S, Host, running_host
from models import EXAMPLES, TEST_MODELS, running_model
from reactor_host import messages

HEAD = """
import asyncio, threading, time
import numpy as np
from typing import AsyncIterator, Iterator
from reactor_host import Audio, InputState, Output, ReactorApp, ReactorPipeline, Video, get_logger

def grey(level, size=(4, 4)):
    return np.full((*size, 3), level, np.uint8)

class Frame(Output):
    main_video: Video
    main_audio: Audio | None = None
"""

STEPS = {
    "plain": """
class Model(ReactorApp):
    count = 0
    def generate(self, input) -> Frame:
        self.count += 1
        return Frame(grey(self.count))
""",
    "generator": """
class Model(ReactorApp):
    def generate(self) -> Iterator[Frame]:
        for count in range(1, 250):
            yield Frame(grey(count))
""",
    "async": """
class Model(ReactorApp):
    count = 0
    async def load(self):
        await asyncio.sleep(0)
    async def generate(self, input: InputState) -> Frame:
        await asyncio.sleep(0)
        self.count += 1
        return Frame(grey(self.count))
""",
    "async generator": """
class Model(ReactorApp):
    async def generate(self) -> AsyncIterator[Frame]:
        for count in range(1, 250):
            await asyncio.sleep(0)
            yield Frame(grey(count))
""",
    "pipeline": """
class Model(ReactorPipeline):
    count = 0
    def inference(self, input) -> Frame:
        self.count += 1
        return Frame(grey(self.count))
""",
    "own loop": """
class Model(ReactorApp):
    async def run(self):
        picture = grey(0)
        for count in range(1, 250):
            picture[:] = count
            await self.emit(Frame(picture))
""",
}


def luma(grey: int) -> int:
    return round(16 + grey * 219 / 255)


def write(folder: Path, text: str) -> Path:
    path = folder / "model.py"
    path.write_text(HEAD + text)
    return path


async def finish(host: Host, model: Any, status: int = 0) -> str:
    await host.send({"type": "shutdown"})
    code, stderr = await model.ended()
    assert code == status, stderr
    return str(stderr)


@pytest.mark.parametrize("kind", STEPS)
def test_each_kind_of_step_sends_its_pictures_in_order(tmp_path: Path, kind: str) -> None:
    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, STEPS[kind]), host) as model:
            await host.until(lambda: len(host.of(messages.Video)) >= 5)
            video = host.of(messages.Video)
            assert [each.seq for each in video] == list(range(len(video)))
            assert [payload[0] for payload in host.payloads("main_video")][:5] == [
                luma(n) for n in range(1, 6)
            ]
            assert all(a.capture_us < b.capture_us for a, b in itertools.pairwise(video))
            assert all(each.sent_us >= each.capture_us for each in video)
            assert [each.state for each in host.of(messages.Status)][:2] == ["loading", "running"]
            await finish(host, model)
            assert host.of(messages.Status)[-1].state == "ended"

    asyncio.run(run())


def test_a_model_that_ends_is_sent_to_its_end(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    def generate(self) -> Iterator[Frame]:
        batch = np.stack([grey(level) for level in range(10, 16)])
        yield Frame(batch, np.ones(4800, np.int16))
        yield Frame(grey(99))
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            code, stderr = await model.ended()
            assert code == 0, stderr
            levels = [payload[0] for payload in host.payloads("main_video")]
            assert levels == [luma(level) for level in (*range(10, 16), 99)]
            stamps = [each.capture_us for each in host.of(messages.Video)]
            assert all(abs(b - a - 33_333) <= 2 for a, b in itertools.pairwise(stamps[:6]))
            sound = host.of(messages.Audio)
            assert sum(each.samples for each in sound) == 4800 and sound[0].capture_us == stamps[0]
            assert host.of(messages.Status)[-1].state == "ended"

    asyncio.run(run())


def test_an_array_used_again_by_the_model_does_not_change_what_was_sent(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    def generate(self) -> Iterator[Frame]:
        batch = np.empty((4, 4, 4, 3), np.uint8)
        for count in range(3):
            batch[:] = np.arange(count * 4, count * 4 + 4, dtype=np.uint8)[:, None, None, None] * 10
            yield Frame(batch)
            batch[:] = 255
"""

    async def run() -> None:
        async with running_host(ring_slots=16) as host, running_model(write(tmp_path, text), host) as model:
            levels = []
            host.acknowledges = False
            assert host.ring is not None
            ring = os.open(host.ring["path"], os.O_RDONLY)
            for count in range(12):
                await host.until_received(messages.Video, count + 1)
                message = host.of(messages.Video)[count]
                assert message.slot is not None
                levels.append(os.pread(ring, 1, message.slot * host.ring["slot_bytes"])[0])
                await host.acknowledge(message)
            os.close(ring)
            assert levels == [luma(10 * level) for level in range(12)]
            assert (await model.ended())[0] == 0

    asyncio.run(run())


def test_batches_after_a_pause_and_ones_that_come_early_keep_their_order_and_do_not_queue_up(
    tmp_path: Path,
) -> None:
    text = """
class Model(ReactorApp):
    def generate(self) -> Iterator[Frame]:
        # Six pictures are 200 ms.
        for count, wait_s in enumerate((0.25, 0.25, 3, 0.01, 0.01, 0.01)):
            time.sleep(wait_s)
            yield Frame(np.stack([grey(count * 40 + 6 * index) for index in range(6)]), np.ones(4800, np.int16))
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            code, stderr = await model.ended()
            assert code == 0, stderr
            video = host.of(messages.Video)
            levels = [payload[0] for payload in host.payloads("main_video")]
            assert levels == [luma(count * 40 + 6 * index) for count in range(6) for index in range(6)]
            stamps = [each.capture_us for each in video]
            assert all(b > a for a, b in itertools.pairwise(stamps))
            # Not one of them is spread over the three seconds: the last 24 would take about one second without any pause.
            assert stamps[-1] - stamps[12] < 2_000_000
            assert sum(each.samples for each in host.of(messages.Audio)) == 6 * 4800

    asyncio.run(run())


def test_code_of_the_model_runs_in_one_thread(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    def __init__(self):
        self.threads = {threading.get_ident()}
    def load(self):
        self.threads.add(threading.get_ident())
    def generate(self, input) -> Frame:
        self.threads.add(threading.get_ident())
        assert threading.current_thread() is not threading.main_thread()
        return Frame(grey(len(self.threads)))
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            await host.until(lambda: len(host.of(messages.Video)) >= 3)
            assert {payload[0] for payload in host.payloads("main_video")} == {luma(1)}
            await finish(host, model)

    asyncio.run(run())


def test_the_config_and_the_log_reach_the_model(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    def load(self, config_path):
        get_logger("mine").info("config says %s", open(config_path).read())
    def generate(self, input) -> Frame:
        return Frame(grey(1))
"""
    config = tmp_path / "model.yaml"
    config.write_text("depth: 3")

    async def run(**environment: str) -> str:
        path = write(tmp_path, text)
        async with (
            running_host() as host,
            running_model(path, host, "--model-config", str(config), **environment) as model,
        ):
            await host.until(lambda: host.of(messages.Video))
            return await finish(host, model)

    assert "INFO mine: config says depth: 3\n" in asyncio.run(run())
    lines = [json.loads(line) for line in asyncio.run(run(REACTOR_HOST_LOG_FORMAT="json")).splitlines()]
    assert any(line["msg"] == "config says depth: 3" and line["name"] == "mine" for line in lines)


def test_a_model_that_waits_is_idle_and_says_how_it_does() -> None:
    async def run() -> None:
        async with running_host() as host, running_model(TEST_MODELS / "silent.py", host) as model:
            await host.until(lambda: any(each.state == "idle" for each in host.of(messages.Status)))
            stats = host.of(messages.ModelStats)[-1]
            assert stats.steps == 1
            assert stats.tracks == [messages.TrackCounts("main_video", 1, 1, 0)]
            await host.send({"type": "refresh"})
            await host.until(lambda: len(host.of(messages.Video)) == 2)
            await finish(host, model)

    asyncio.run(run())


def test_a_model_whose_steps_take_longer_than_two_seconds_is_not_idle_at_every_step(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    def generate(self) -> Iterator[Frame]:
        for count in range(3):
            time.sleep(3.3)
            yield Frame(grey(count))
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            code, stderr = await model.ended()
            assert code == 0, stderr
            assert [each.state for each in host.of(messages.Status)] == ["loading", "running", "ended"]
            stats = [each for each in host.of(messages.ModelStats) if each.steps > 0]
            assert all(each.step_ms > 3000 for each in stats)

    asyncio.run(run())


def test_none_is_a_step_without_a_picture(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    count = 0
    def generate(self, input) -> Frame | None:
        self.count += 1
        return Frame(grey(self.count)) if self.count % 2 else None
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            await host.until(lambda: len(host.of(messages.Video)) == 3)
            assert [payload[0] for payload in host.payloads("main_video")] == [luma(1), luma(3), luma(5)]
            await finish(host, model)

    asyncio.run(run())


def test_it_goes_on_after_the_connection_broke() -> None:
    async def run() -> None:
        async with running_host() as host, running_model(TEST_MODELS / "pattern.py", host) as model:
            await host.until(lambda: len(host.of(messages.Video)) >= 3)
            await host.drop_connection()
            await host.until(lambda: len(host.of(messages.Hello)) == 2)
            seen = len(host.of(messages.Video))
            await host.until(lambda: len(host.of(messages.Video)) > seen + 3)
            seqs = [each.seq for each in host.of(messages.Video, "main_video")]
            assert seqs == sorted(set(seqs))
            assert [each.state for each in host.of(messages.Status)][-1] == "running"
            await finish(host, model)

    asyncio.run(run())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(number: signal.Signals) -> None:
    async def run() -> None:
        async with running_host() as host, running_model(TEST_MODELS / "pattern.py", host) as model:
            await host.until(lambda: host.of(messages.Video))
            model.process.send_signal(number)
            assert (await model.ended())[0] == 0
            # The process may be gone before its last words have been read here.
            await host.until(
                lambda: host.of(messages.Status)[-1].state == "ended", "the last state to be ended"
            )

    asyncio.run(run())


def test_a_step_that_never_returns_does_not_keep_it_alive(tmp_path: Path) -> None:
    text = """
class Model(ReactorApp):
    def generate(self, input) -> Frame:
        threading.Event().wait()
"""

    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            await host.until(lambda: host.of(messages.ModelStats))
            await finish(host, model)

    asyncio.run(run())


def test_it_dies_with_the_host_that_started_it(tmp_path: Path) -> None:
    # Its code never lets go of the interpreter for long, and it ignores signals.
    text = """
class Model(ReactorApp):
    def generate(self, input) -> Frame:
        while True:
            pass
"""

    async def run() -> None:
        async with (
            running_host() as host,
            running_model(write(tmp_path, text), host, REACTOR_HOST_SUPERVISED="1") as model,
        ):
            await host.until(lambda: host.of(messages.ModelStats))
            assert model.process.stdin is not None
            model.process.stdin.close()
            await asyncio.wait_for(model.process.wait(), LIMIT_S)

    asyncio.run(run())


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's way is Linux's")
def test_it_dies_with_its_parent_also_when_stdin_stays_open(tmp_path: Path) -> None:
    script = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'reactor_host', sys.argv[1]], stdin=int(sys.argv[2]))\n"
        "print(child.pid, flush=True); time.sleep(600)\n"
    )

    async def run() -> None:
        reader, writer = os.pipe()
        async with running_host() as host:
            parent = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                script,
                str(TEST_MODELS / "pattern.py"),
                str(reader),
                pass_fds=[reader],
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={
                    **os.environ,
                    "REACTOR_HOST_URL": host.url,
                    "REACTOR_HOST_SECRET": "a-secret-of-this-test",
                    "REACTOR_HOST_SUPERVISED": "1",
                    "REACTOR_HOST_GENERATE": "always",
                },
            )
            await host.until(lambda: host.of(messages.Video))
            assert host.socket is not None
            parent.kill()
            await asyncio.wait_for(host.socket.wait_closed(), LIMIT_S)
            await parent.communicate()
        os.close(reader)
        os.close(writer)

    asyncio.run(run())


# File, exit status, code, message, hint; the author's line in the traceback, if it has one.
BAD = [
    ("no_class.py", 64, "model-class-not-found", "has no model class", "ReactorApp", None),
    ("two_classes.py", 64, "model-class-ambiguous", "several model classes: Cat, Dog", ":Cat", None),
    ("missing.py", 64, "model-not-found", "there is no file", "check the path", None),
    (
        "import_error.py",
        64,
        "model-import",
        "No module named 'a_package_that_does_not_exist'",
        "install a_package_that_does_not_exist",
        "import a_package_that_does_not_exist",
    ),
    (
        "load_raises.py",
        1,
        "load-raised",
        "Model.load raised FileNotFoundError: weights.safetensors",
        "traceback",
        'raise FileNotFoundError("weights.safetensors")',
    ),
    (
        "generate_raises.py",
        1,
        "step-raised",
        "Model.generate raised RuntimeError: CUDA out of memory",
        "traceback",
        'raise RuntimeError("CUDA out of memory")',
    ),
    (
        "wrong_dtype.py",
        64,
        "video-shape",
        "main_video: got float32 (64, 64, 3), expected uint8 (H, W, 3) or (N, H, W, 3)",
        "* 255",
        None,
    ),
    (
        "wrong_shape.py",
        64,
        "video-shape",
        "main_video: got uint8 (3, 64, 64), expected uint8 (H, W, 3) or (N, H, W, 3)",
        "transpose(1, 2, 0)",
        None,
    ),
    ("nan_audio.py", 64, "audio-not-finite", "main_audio: got [nan] at sample 0", "division by zero", None),
    (
        "none_track.py",
        64,
        "missing-track",
        "main_video: got None, expected a value in every Frame",
        "None",
        None,
    ),
    (
        "unknown_track.py",
        64,
        "unknown-track",
        "Frame has no track 'depth_video'; it declares main_video, main_audio",
        "correct the name",
        "depth_video=",
    ),
]


@pytest.mark.parametrize(
    ("name", "status", "code", "message", "hint", "line"), BAD, ids=[each[0] for each in BAD]
)
def test_bad_input_ends_in_one_clear_message(
    name: str, status: int, code: str, message: str, hint: str, line: str | None
) -> None:
    async def run() -> tuple[str, Host]:
        async with running_host() as host, running_model(TEST_MODELS / "bad" / name, host) as model:
            ended, stderr = await model.ended()
            assert ended == status, stderr
            return stderr, host

    stderr, host = asyncio.run(run())
    # The message is the end of what is printed, once.
    told = re.search(r"^error: (.*)\n  hint: (.*)  \[([a-z-]+)\]\n\Z", stderr, re.MULTILINE)
    assert told is not None, stderr
    assert message in told[1] and hint in told[2] and told[3] == code
    assert stderr.count("\nerror: ") + stderr.startswith("error: ") == 1
    assert "reactor_host" + os.sep not in "".join(re.findall(r'File "(.*)"', stderr))
    if line is not None:
        assert line in stderr.partition("Traceback (most recent call last):")[2]
    else:
        assert "Traceback" not in stderr
    # Before the model's file is understood there is nothing to say hello with.
    reported = host.of(messages.ModelError)
    if code.startswith("model-"):
        assert not host.of(messages.Hello)
    else:
        assert len(reported) == 1
        assert reported[0].error.code == code and message in reported[0].error.message
        assert reported[0].fatal is (status == 64)
        assert (line or "") in reported[0].traceback


@pytest.mark.parametrize(
    ("text", "status", "code", "message"),
    [
        ("class Model(ReactorApp):\n    def generate(self, input) -> Frame:\n        return grey(1)\n", 64, "not-an-output", "Model.generate: got ndarray, expected Frame"),
        ("class Model(ReactorApp):\n    async def generate(self, input) -> Frame:\n        return {}\n", 64, "not-an-output", "Model.generate: got dict, expected Frame"),
        ("class Model(ReactorApp):\n    async def run(self):\n        await self.emit(Frame(np.zeros(3)))\n", 64, "video-shape", "main_video: got float64 (3,)"),
        ("class Model(ReactorApp):\n    def generate(self) -> Iterator[Frame]:\n        yield Frame(grey(1))\n        yield Frame(None)\n", 1, "missing-track", "main_video: got None"),
        ("class Model(ReactorApp):\n    def __init__(self):\n        self.x.y\n    def generate(self) -> Frame: ...\n", 1, "load-raised", "Model.__init__ raised AttributeError"),
        ("class Model(ReactorApp):\n    def generate(self) -> Frame:\n        raise SystemExit(3)\n", 1, "step-raised", "Model.generate raised SystemExit: 3"),
        ("class Model(ReactorApp):\n    def generate(self) -> Frame:\n        raise StopIteration\n", 1, "step-raised", "Model.generate raised StopIteration"),
        ("class Model(ReactorApp):\n    async def run(self):\n        raise KeyError('x')\n", 1, "step-raised", "Model.run raised KeyError: 'x'"),
        ("class State(InputState):\n    x: int\n", 64, "bad-declaration", "State.x has no default"),
        ("class Model(ReactorApp):\n    fps = 0\n    def generate(self) -> Frame: ...\n", 64, "bad-declaration", "Model.fps: got fps=0"),
    ],
)  # fmt: skip
def test_other_mistakes(tmp_path: Path, text: str, status: int, code: str, message: str) -> None:
    async def run() -> None:
        async with running_host() as host, running_model(write(tmp_path, text), host) as model:
            ended, stderr = await model.ended()
            assert ended == status, stderr
            assert f"error: {message}" in stderr and f"[{code}]" in stderr

    asyncio.run(run())


def test_errors_are_json_where_the_log_is() -> None:
    async def run(*arguments: str) -> dict[str, Any]:
        path = TEST_MODELS / "bad" / "load_raises.py"
        async with (
            running_host() as host,
            running_model(path, host, *arguments, REACTOR_HOST_LOG_FORMAT="json") as model,
        ):
            _, stderr = await model.ended()
            lines = [json.loads(line) for line in stderr.splitlines()]
            assert all({"level", "name", "msg"} <= set(line) for line in lines)
            return lines[-1]  # type: ignore[no-any-return]

    line = asyncio.run(run())
    assert (line["level"], line["code"]) == ("error", "load-raised") and "weights" in line["traceback"]
    line = asyncio.run(run("--speed", "3"))
    assert (line["level"], line["code"]) == ("error", "usage") and "--help" in line["hint"]


def test_modules_on_the_python_path_are_importable(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "shared_grey.py").write_text("LEVEL = 42\n")
    text = """
from shared_grey import LEVEL
class Model(ReactorApp):
    def generate(self) -> Iterator[Frame]:
        yield Frame(grey(LEVEL))
"""

    async def run() -> None:
        async with (
            running_host() as host,
            running_model(write(tmp_path, text), host, PYTHONPATH=str(library)) as model,
        ):
            code, stderr = await model.ended()
            assert code == 0, stderr
            assert [payload[0] for payload in host.payloads("main_video")] == [luma(42)]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        ([], {"REACTOR_HOST_URL": ""}, "--host is missing"),
        ([], {"REACTOR_HOST_SECRET": ""}, "--secret is missing"),
        (["--host", "http://x"], {}, "got 'http://x', expected ws://HOST:PORT"),
        (["--model-config", "nowhere.yaml"], {}, "there is no file nowhere.yaml"),
        (["--log-level", "loud"], {}, "argument --log-level: invalid choice: 'loud'"),
        (["--speed", "3"], {}, "unrecognized arguments: --speed 3"),
    ],
)
def test_a_wrong_command_line(arguments: list[str], environment: dict[str, str], message: str) -> None:
    async def run() -> None:
        async with (
            running_host() as host,
            running_model(TEST_MODELS / "pattern.py", host, *arguments, **environment) as model,
        ):
            code, stderr = await model.ended()
            assert code == 64
            assert stderr.startswith(f"error: {message}") and "\n  hint: " in stderr

    asyncio.run(run())


def test_a_wrong_secret_ends_it() -> None:
    async def run() -> None:
        async with (
            running_host() as host,
            running_model(TEST_MODELS / "pattern.py", host, secret="wrong") as model,
        ):
            code, stderr = await model.ended()
            assert code == 64 and "error: the host refused the secret (HTTP 401)" in stderr

    asyncio.run(run())


TRACKS = {
    "chat.py": {"main_video"},
    "clock.py": {"main_video"},
    "paint.py": {"main_video"},
    "world.py": {"main_video"},
    "seed.py": {"main_video", "secondary_video", "main_audio"},
    "showcase.py": {"main_video", "map_video", "main_audio"},
}


@pytest.mark.parametrize("name", TRACKS)
def test_each_example_runs(name: str) -> None:
    async def run() -> None:
        async with (
            running_host(ring_slots=32, slot_bytes=8 << 20) as host,
            running_model(EXAMPLES / name, host) as model,
        ):
            for track in TRACKS[name]:
                kind: Any = messages.Audio if track.endswith("audio") else messages.Video
                await host.until_received(kind, 3, track)
            sizes = {(each.width, each.height) for each in host.of(messages.Video, "main_video")}
            assert sizes == {(1280, 720)}
            await finish(host, model)

    asyncio.run(run())


def test_no_example_is_left_out() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(TRACKS)
