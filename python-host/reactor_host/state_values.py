"""The state as viewers are told of it."""

from __future__ import annotations

import msgspec

from .messages import JsonObject
from .state import InputState


def state_values(state: InputState) -> JsonObject:
    """Every field as JSON. Of files only the size is told, `{"bytes": 1234}`: who sent one has it, others can ask the model."""
    files = {name: value for name, value in state.__dict__.items() if isinstance(value, bytes | bytearray)}
    values = state.model_dump(mode="json", exclude=set(files))
    for name, file in files.items():
        values[name] = {"bytes": len(file)}
    return {name: values[name] for name in type(state).model_fields}


class StateWatch:
    """Finds what has changed since viewers were told last."""

    def __init__(self, told: JsonObject) -> None:
        self._told = dict(told)

    def begin(self, told: JsonObject) -> None:
        """Somebody new knows this much."""
        self._told = dict(told)

    def changes(self, state: InputState) -> JsonObject:
        """Fields with another value than was told. They count as told from now on."""
        values = state_values(state)
        changed = {name: value for name, value in values.items() if not _same(value, self._told.get(name))}
        self._told.update(changed)
        return changed


def _same(one: object, other: object) -> bool:
    # Written out, because NaN differs from itself, and True from 1 only in JSON.
    return one is other or msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)
