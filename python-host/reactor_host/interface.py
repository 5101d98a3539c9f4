"""Everything that can be said to and by a model, looked at once after import."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

from . import messages, wire
from .command import Command, event_command, state_command
from .errors import DeclarationError, WireError
from .events import EVENT_MARK, HOOK_MARK, EventMark, Hook
from .limits import MAX_COMMANDS, MAX_ERROR_CHARS, MAX_MODEL_MESSAGES
from .message import message_specs
from .state import InputState, initial_state
from .state_values import state_values

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Interface:
    """A model's commands by their names, the methods of its hooks, and what the host is told of it all."""

    commands: dict[str, Command]
    hooks: dict[Hook, str]
    told: messages.Interface


def describe_interface(cls: type, state: type[InputState]) -> Interface:
    """Look at a model class. Raises DeclarationError naming class, and method or field."""
    commands = _event_commands(cls)
    for field in state.model_fields:
        # A method of the author's own comes first.
        if f"set_{field}" not in commands:
            commands[f"set_{field}"] = state_command(state, field)
    # Inputs first, in their order: so the viewer page shows them.
    ordered = sorted(commands.values(), key=lambda each: each.spec.state_field is None)
    for command in ordered:
        if not _NAME.fullmatch(command.spec.name):
            raise DeclarationError(
                "bad-declaration",
                f"{cls.__name__}: {command.spec.name!r} cannot be the name of a command",
                "use letters a-z, digits, underscores, dots and dashes, at most 64",
            )
    said = message_specs()
    for what, count, limit in (
        ("commands", len(ordered), MAX_COMMANDS),
        ("messages", len(said), MAX_MODEL_MESSAGES),
    ):
        if count > limit:
            raise DeclarationError(
                "bad-declaration",
                f"{cls.__name__}: got {count} {what}, expected at most {limit}",
                "join some",
            )
    told = messages.Interface(
        description=(inspect.cleandoc(cls.__dict__.get("__doc__") or ""))[:MAX_ERROR_CHARS],
        commands=[each.spec for each in ordered],
        messages=said,
        state=state_values(initial_state(state)),
    )
    try:
        wire.encode(told)
    except (WireError, TypeError, ValueError) as error:
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}: its inputs and events cannot be described: {error}",
            "use less of them",
        ) from None
    return Interface({each.spec.name: each for each in ordered}, _hooks(cls), told)


def _event_commands(cls: type) -> dict[str, Command]:
    commands: dict[str, Command] = {}
    for attribute, method, mark in _marked(cls, EVENT_MARK):
        assert isinstance(mark, EventMark)
        if mark.name in commands:
            raise DeclarationError(
                "bad-declaration",
                f"{cls.__name__}: {commands[mark.name].method} and {attribute} are both the command {mark.name}",
                'give one of them another name: `@event(name="...")`',
            )
        commands[mark.name] = event_command(cls, attribute, method, mark)
    return commands


def _hooks(cls: type) -> dict[Hook, str]:
    hooks: dict[Hook, str] = {}
    for attribute, _, kind in _marked(cls, HOOK_MARK):
        if kind in hooks:
            raise DeclarationError(
                "bad-declaration",
                f"{cls.__name__}: {hooks[kind]} and {attribute} are both marked @{kind}",
                "a model has one method for it; a subclass overrides that one and calls super()",
            )
        hooks[kind] = attribute
    return hooks


def _marked(cls: type, mark: str) -> list[tuple[str, Any, Any]]:
    """Methods with this mark: as the class has them now, a subclass need not repeat the mark of what it overrides."""
    marks: dict[str, Any] = {}
    for each in reversed(cls.__mro__):
        for attribute, value in vars(each).items():
            if hasattr(value, mark):
                marks[attribute] = getattr(value, mark)
    return [(attribute, getattr(cls, attribute), value) for attribute, value in marks.items()]
