"""Models that say `from reactor_runtime import ...` run as they are."""

from __future__ import annotations

import asyncio
from pathlib import Path

from host import running_host
from models import running_model
from reactor_host import messages

MODEL = """
import numpy as np
from pathlib import Path
from reactor_runtime import (
    ApplicationError, Audio, ClientInfo, CommandError, InputField, InputState, MessageField, ModelMessage, Output,
    ReactorApp, StepCompleted, StepOutcome, TrackPayload, Video, connected, event, get_logger, get_weights_path, session_started,
)
from reactor_runtime.interface.app.reactor_app import ReactorApp as TheSame

logger = get_logger(__name__)

class Voice(Audio):
    sample_rate = 24_000

class Scene(Output):
    main_video: Video
    voice: Voice

class Params(InputState):
    level: int = InputField(default=0, ge=0, le=255, description="How bright.")
    _seen: int = 0

class Level(ModelMessage):
    level: int = MessageField(description="Now.")

class Dark(ApplicationError):
    def __init__(self) -> None:
        super().__init__("it is dark")

class Model(ReactorApp):
    fps = 30
    state: Params

    def __init__(self) -> None:
        super().__init__()
        self.greeted = 0

    def load(self, config_path: Path | None) -> None:
        assert TheSame is ReactorApp and isinstance(get_weights_path(), Path)
        logger.info("loaded", step=3, name="a field")

    @session_started
    async def begin(self) -> None:
        assert self.state._seen == 0 and not self.connected.is_set()

    @connected
    async def came(self, client: ClientInfo) -> None:
        await client.send(Level(level=-1))

    @event(name="brighten", description="By so much.")
    async def brighten(self, by: int = InputField(default=10, ge=1)) -> Level:
        if self.state.level + by > 255:
            raise CommandError("too_bright", "It cannot be brighter.")
        self.state.level += by
        return Level(level=self.state.level)

    async def process_input(self) -> int:
        self.state._seen += 1
        if self.state.level == 0:
            raise Dark()
        return self.state.level

    def generate(self, input: int) -> np.ndarray:
        return np.full((4, 4, 3), input, np.uint8)

    async def process_output(self, outcome: StepOutcome) -> StepCompleted:
        if outcome.error is not None:
            raise outcome.error
        payload = TrackPayload(outcome.result, metadata={"seen": self.state._seen})
        scene = Scene(main_video=payload, voice=np.zeros(800, np.int16))
        return StepCompleted(output=scene, files={"seed.txt": b"3"}, error="it was dim")
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "model.py"
    path.write_text(text)
    return path


def test_a_model_of_reactor_s_runtime_runs_unchanged(tmp_path: Path) -> None:
    async def run() -> str:
        path = write(tmp_path, MODEL)
        async with (
            running_host() as host,
            running_model(path, host, "--compat", REACTOR_HOST_GENERATE="connected") as model,
        ):
            await host.start_session("s1", "c1")
            done = await host.ask("brighten", {"by": 100})
            assert done.reply == messages.Reply("level", {"level": 100})
            await host.until(lambda: host.of(messages.Video) and host.of(messages.Audio))
            assert host.payloads("main_video")[-1][0] == round(16 + 100 * 219 / 255)
            refused = (await host.ask("brighten", {"by": 200})).error
            assert refused is not None and refused.code == "too_bright"
            first, second = host.of(messages.Message)[:2]
            assert first == messages.Message("c1", "level", {"level": -1})
            assert (second.client_id, second.name, second.data["track"]) == (
                None,
                "track_metadata",
                "main_video",
            )
            assert second.data["metadata"][0]["seen"] >= 1
            assert {each.name for each in host.of(messages.Interface)[0].messages} == {"level"}
            await host.send({"type": "shutdown"})
            code, stderr = await model.ended()
            assert code == 0, stderr
            return stderr

    stderr = asyncio.run(run())
    assert 'INFO model: loaded {"step": 3, "name_": "a field"}' in stderr
    assert "WARNING reactor_host: a step failed: it was dim" in stderr
    assert stderr.count("files of a step are not kept: got seed.txt") == 1


def test_names_that_are_not_there_are_said(tmp_path: Path) -> None:
    async def run(text: str, *arguments: str) -> str:
        async with running_host() as host, running_model(write(tmp_path, text), host, *arguments) as model:
            code, stderr = await model.ended()
            assert code == 64
            return stderr

    missing = asyncio.run(run("from reactor_runtime import ReactorApp, UploadedFile\n", "--compat"))
    assert "ImportError: reactor_runtime.UploadedFile is not there in reactor_host" in missing
    assert "[model-import]" in missing
    inputs = "from reactor_runtime import Input, Video\nclass Camera(Input):\n    camera: Video\n"
    assert "Camera: this host takes no pictures or sound from viewers yet" in asyncio.run(
        run(inputs, "--compat")
    )
    assert "No module named 'reactor_runtime'" in asyncio.run(run("import reactor_runtime\n"))
