from __future__ import annotations

import pytest
from pydantic import ValidationError
from reactor_host import InputField, InputState
from reactor_host.errors import DeclarationError


class State(InputState):
    speed: float = InputField(default=1.0, ge=0, le=4, description="How fast.")
    names: list[str] = InputField(default_factory=list, max_length=2)
    plain: int = 3


def test_defaults_and_descriptions() -> None:
    state = State()
    assert (state.speed, state.names, state.plain) == (1.0, [], 3)
    assert State.model_json_schema()["properties"]["speed"]["maximum"] == 4
    assert State.model_fields["speed"].description == "How fast."


def test_assignment_is_checked() -> None:
    state = State()
    with pytest.raises(ValidationError, match="less than or equal to 4"):
        state.speed = 5
    with pytest.raises(ValidationError):
        state.unknown = 1  # type: ignore[attr-defined]
    assert state.speed == 1.0


def test_a_field_without_default_is_an_error_at_once() -> None:
    with pytest.raises(DeclarationError, match=r"NoDefault\.prompt has no default"):

        class NoDefault(InputState):
            prompt: str


def test_a_wrong_default_is_an_error_at_once() -> None:
    with pytest.raises(
        DeclarationError, match=r"Wrong.speed: its default 9 is not allowed: .*less than or equal to 4"
    ):

        class Wrong(InputState):
            speed: float = InputField(default=9, le=4)


def test_a_field_may_begin_like_pydantic_s_own_names() -> None:
    class Sized(InputState):
        model_size: int = 3

    assert Sized().model_size == 3
