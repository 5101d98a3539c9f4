"""What a model class declares, looked at once after import: its step, its tracks, its inputs."""

from __future__ import annotations

import collections.abc
import inspect
import sys
import typing
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

from .app import ReactorApp, ReactorPipeline
from .errors import DeclarationError
from .interface import Interface, describe_interface
from .messages import Track
from .output import Output, TrackField, check_fps, track_fields
from .state import InputState

StepKind = Literal["plain", "generator", "async", "async-generator", "run"]


@dataclass(frozen=True)
class ModelSpec:
    """A model class and what it declares."""

    cls: type[ReactorApp]
    # The method that makes outputs, and whether it takes the inputs.
    step_name: str
    step_kind: StepKind
    takes_input: bool
    takes_config_path: bool
    # Whether the author wrote these methods.
    processes_input: bool
    processes_output: bool
    output: type[Output]
    fields: dict[str, TrackField]
    state: type[InputState]
    fps: float
    interface: Interface

    @property
    def is_async(self) -> bool:
        return self.step_kind in ("async", "async-generator")

    @property
    def name(self) -> str:
        return self.cls.__name__

    @property
    def tracks(self) -> list[Track]:
        return [field.announce(self.fps) for field in self.fields.values()]


def step_name(cls: type[ReactorApp]) -> str | None:
    """The method that makes outputs; None while a class is only a base of models."""
    wanted = "inference" if issubclass(cls, ReactorPipeline) else "generate"
    return next((name for name in (wanted, "run") if callable(getattr(cls, name, None))), None)


def describe(cls: type[ReactorApp]) -> ModelSpec:
    """Look at a model class. Raises DeclarationError naming class and field."""
    name = step_name(cls)
    if name is None:
        wanted = "inference" if issubclass(cls, ReactorPipeline) else "generate"
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__} has no {wanted} method",
            f"write `def {wanted}(self, input) -> YourOutput`, or `async def run(self)` with `await self.emit(...)`",
        )
    step = getattr(cls, name)
    kind = _kind(cls, name, step)
    parameters = _parameters(step)
    limit = 0 if kind == "run" else 1
    if len([each for each in parameters if each.default is each.empty]) > limit:
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}.{name} takes {', '.join(each.name for each in parameters)}; expected "
            + ("no parameters" if kind == "run" else "at most one, the inputs"),
            f"write `def {name}(self)`" if kind == "run" else f"write `def {name}(self, input)`",
        )
    hints = _hints(step)
    output = _output(cls, name, hints.get("return"))
    fields = track_fields(output)
    if not fields:
        raise DeclarationError(
            "bad-declaration",
            f"{output.__name__} declares no track",
            "add a field, for example `main_video: Video`",
        )
    state = _state(cls, hints, parameters)
    processes_input = cls.process_input is not ReactorApp.process_input
    processes_output = cls.process_output is not ReactorApp.process_output
    if (processes_input and kind not in ("plain", "async")) or (processes_output and kind == "run"):
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}: process_input and process_output do not go with a {name} that "
            + ("is a loop of your own" if kind == "run" else "yields, which is given its input once"),
            f"call what they do from `{name}`",
        )
    return ModelSpec(
        cls=cls,
        step_name=name,
        step_kind=kind,
        takes_input=kind != "run" and len(parameters) > 0,
        takes_config_path=len(_parameters(cls.load)) > 0 if hasattr(cls, "load") else False,
        processes_input=processes_input,
        processes_output=processes_output,
        output=output,
        fields=fields,
        state=state,
        fps=check_fps(f"{cls.__name__}.fps", cls.fps),
        interface=describe_interface(cls, state),
    )


def _kind(cls: type, name: str, step: Any) -> StepKind:
    if name == "run":
        if not inspect.iscoroutinefunction(step):
            raise DeclarationError(
                "bad-declaration",
                f"{cls.__name__}.run is not a coroutine",
                "write `async def run(self)` and `await self.emit(...)` in it",
            )
        return "run"
    if inspect.isasyncgenfunction(step):
        return "async-generator"
    if inspect.iscoroutinefunction(step):
        return "async"
    return "generator" if inspect.isgeneratorfunction(step) else "plain"


def _parameters(method: Any) -> list[inspect.Parameter]:
    """Positional parameters after self."""
    wanted = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = [each for each in inspect.signature(method).parameters.values() if each.kind in wanted]
    return found[1:]


def _hints(thing: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(thing)
    except (NameError, TypeError, AttributeError):
        # A hint that only a type checker can resolve declares nothing to us.
        return {}


_WRAPPERS = (
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.Generator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
)


def _output(cls: type[ReactorApp], step: str, returned: Any) -> type[Output]:
    if cls.output is not None:
        if not (isinstance(cls.output, type) and issubclass(cls.output, Output)):
            raise DeclarationError(
                "bad-declaration",
                f"{cls.__name__}.output: got {cls.output!r}, expected an Output class",
                "for example `output = Frame`",
            )
        return cls.output
    candidates: list[type[Output]]
    if typing.get_origin(returned) in _WRAPPERS:
        returned = typing.get_args(returned)[0]
    candidates = [each for each in (*typing.get_args(returned), returned) if _is_output(each)]
    if not candidates:
        candidates = [each for each in vars(cls).values() if _is_output(each)]
    if not candidates:
        module = sys.modules.get(cls.__module__)
        own = [each for each in vars(module).values() if _is_output(each)] if module else []
        candidates = [each for each in own if each.__module__ == cls.__module__] or own
    candidates = list(dict.fromkeys(candidates))
    # A base of another candidate is shared fields, not an output of its own.
    candidates = [each for each in candidates if not any(each in other.__mro__[1:] for other in candidates)]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}: no Output class found",
            "write `class Frame(Output): main_video: Video` and return it, or set `output = Frame` in the model",
        )
    names = ", ".join(each.__name__ for each in candidates)
    raise DeclarationError(
        "bad-declaration",
        f"{cls.__name__}: several Output classes found: {names}",
        f"annotate `{step}` with the one it returns, or set `output = {candidates[0].__name__}` in the model",
    )


def _is_output(thing: Any) -> TypeGuard[type[Output]]:
    return isinstance(thing, type) and issubclass(thing, Output) and thing is not Output


def _state(
    cls: type[ReactorApp], step_hints: dict[str, Any], parameters: list[inspect.Parameter]
) -> type[InputState]:
    of_class = _hints(cls).get("state")
    # With a process_input of its own a step is given what that returns.
    given = parameters if cls.process_input is ReactorApp.process_input else []
    of_step = step_hints.get(given[0].name) if given else None
    found = [each for each in (of_class, of_step) if isinstance(each, type) and issubclass(each, InputState)]
    if len(set(found)) > 1:
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}: state is {found[0].__name__}, but {parameters[0].name} is {found[1].__name__}",
            "annotate both with the same InputState class",
        )
    return found[0] if found else InputState
