from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest
from reactor_host import InputState, Output, ReactorApp, ReactorPipeline, Video
from reactor_host.errors import DeclarationError
from reactor_host.model_spec import describe


class Frame(Output):
    main_video: Video


class Other(Output):
    other_video: Video


class State(InputState):
    speed: float = 1.0


class Plain(ReactorApp):
    fps = 24

    def load(self, config_path: str | None) -> None: ...

    def generate(self, input: State) -> Frame: ...  # type: ignore[empty-body]


class Generating(ReactorApp):
    state: State

    def load(self) -> None: ...

    def generate(self) -> Iterator[Frame]:
        yield Frame(None)  # type: ignore[arg-type]


class Generating3(ReactorApp):
    def generate(self) -> Generator[Other, None, None]:
        yield Other(None)  # type: ignore[arg-type]


class Async(ReactorApp):
    async def generate(self, input: State) -> Frame | None: ...


class AsyncGenerating(ReactorApp):
    async def generate(self) -> AsyncIterator[Frame]:
        yield Frame(None)  # type: ignore[arg-type]


class Pipeline(ReactorPipeline):
    def inference(self, input: State) -> Frame: ...  # type: ignore[empty-body]


class OwnLoop(ReactorApp):
    output = Other

    async def run(self) -> None: ...


class Nested(ReactorApp):
    class Inner(Output):
        inner_video: Video

    def generate(self) -> Any: ...


@pytest.mark.parametrize(
    ("cls", "step", "kind", "takes_input", "takes_config_path", "output", "state"),
    [
        (Plain, "generate", "plain", True, True, Frame, State),
        (Generating, "generate", "generator", False, False, Frame, State),
        (Generating3, "generate", "generator", False, False, Other, InputState),
        (Async, "generate", "async", True, False, Frame, State),
        (AsyncGenerating, "generate", "async-generator", False, False, Frame, InputState),
        (Pipeline, "inference", "plain", True, False, Frame, State),
        (OwnLoop, "run", "run", False, False, Other, InputState),
        (Nested, "generate", "plain", False, False, Nested.Inner, InputState),
    ],
)
def test_what_a_model_declares(
    cls: type[ReactorApp],
    step: str,
    kind: str,
    takes_input: bool,
    takes_config_path: bool,
    output: type[Output],
    state: type[InputState],
) -> None:
    spec = describe(cls)
    assert (spec.step_name, spec.step_kind, spec.takes_input) == (step, kind, takes_input)
    assert (spec.takes_config_path, spec.output, spec.state) == (takes_config_path, output, state)
    assert spec.tracks[0].name == next(iter(spec.fields))


def test_fps_is_announced() -> None:
    assert describe(Plain).tracks[0].fps == 24  # type: ignore[union-attr]


class NoStep(ReactorApp): ...


class NoInference(ReactorPipeline):
    def generate(self) -> Frame: ...  # type: ignore[empty-body]


class TooMany(ReactorApp):
    def generate(self, input: State, extra: int) -> Frame: ...  # type: ignore[empty-body]


class BlockingRun(ReactorApp):
    def run(self) -> None: ...


class Ambiguous(ReactorApp):
    def generate(self) -> Any: ...


class NoTracks(ReactorApp):
    class Empty(Output): ...

    def generate(self) -> Empty: ...  # type: ignore[empty-body]


class WrongFps(ReactorApp):
    fps = -1

    def generate(self) -> Frame: ...  # type: ignore[empty-body]


class TwoStates(ReactorApp):
    class Another(InputState): ...

    state: Another

    def generate(self, input: State) -> Frame: ...  # type: ignore[empty-body]


class WrongOutput(ReactorApp):
    output = "Frame"

    def generate(self) -> Any: ...


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (NoStep, "NoStep has no generate method"),
        (NoInference, "NoInference has no inference method"),
        (TooMany, "TooMany.generate takes input, extra; expected at most one"),
        (BlockingRun, "BlockingRun.run is not a coroutine"),
        (Ambiguous, "Ambiguous: several Output classes found: Frame, Other"),
        (NoTracks, "Empty declares no track"),
        (WrongFps, "WrongFps.fps: got fps=-1"),
        (TwoStates, "TwoStates: state is Another, but input is State"),
        (WrongOutput, "WrongOutput.output: got 'Frame', expected an Output class"),
    ],
)
def test_a_wrong_declaration_names_class_and_member(cls: type[ReactorApp], message: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        describe(cls)
    assert message in caught.value.message and caught.value.hint


def test_a_model_may_have_its_own_constructor() -> None:
    class Own(ReactorApp):
        def __init__(self) -> None:
            self.state.model_dump()

    assert isinstance(Own().state, InputState)
