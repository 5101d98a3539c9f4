"""What a model class declares for viewers: commands, hooks, messages; and what is wrong with a declaration."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from reactor_host import (
    ClientInfo,
    Color,
    File,
    InputField,
    InputState,
    MessageField,
    ModelMessage,
    ReactorApp,
    connected,
    event,
    rgb_of,
    session_started,
)
from reactor_host.command import CommandRefused
from reactor_host.errors import DeclarationError, MessageError
from reactor_host.interface import Interface, describe_interface
from reactor_host.message import message_data, message_name, message_specs
from reactor_host.state import begin_anew, initial_state
from reactor_host.state_values import StateWatch


class Mood(Enum):
    CALM = "calm"
    WILD = "wild"


class State(InputState):
    level: float = InputField(default=1.0, gt=0, lt=4, multiple_of=0.5)
    mood: Mood = Mood.CALM
    tint: Color = "#FF8000"
    note: str | None = InputField(default=None, pattern="^[a-z]*$")
    stamp: File = InputField(default=b"", max_length=6, moderate=True)
    _cache: int = 3


class Base(ReactorApp):
    @event
    def jump(self, height: int = InputField(default=1, ge=1)) -> None:
        """Once.

        Not more.
        """

    @event(name="ask.me", description="")
    async def ask(self, what: Literal["a", "b"], copy: bool = False, *, client: ClientInfo) -> None: ...

    @connected
    def came(self) -> None: ...


class Derived(Base):
    """What it is."""

    def jump(self, height: int = InputField(default=2, ge=2)) -> None:
        """Higher."""

    def came(self) -> None: ...

    @event
    def set_level(self, level: float, slowly: bool) -> None: ...

    @session_started
    def begin(self) -> None: ...


def described(cls: type = Derived) -> Interface:
    return describe_interface(cls, State)


def test_commands_are_inherited_overridden_and_replace_those_of_fields() -> None:
    interface = described()
    assert list(interface.commands) == [
        *("set_mood", "set_tint", "set_note", "set_stamp"),
        *("jump", "ask.me", "set_level"),
    ]
    assert interface.commands["jump"].arguments({}) == {"height": 2}
    assert interface.commands["set_level"].spec.state_field is None
    assert interface.commands["ask.me"].arguments({"what": "a"}) == {"what": "a", "copy": False}
    assert (interface.commands["ask.me"].is_async, interface.commands["ask.me"].takes_client) == (True, True)
    assert interface.hooks == {"connected": "came", "session_started": "begin"}
    assert interface.told.description == "What it is."
    assert described(Base).commands["jump"].spec.description == "Once.\n\nNot more."


def test_the_schema_of_a_field_says_its_type_and_limits() -> None:
    def field(name: str) -> Any:
        schema = described(Base).commands[f"set_{name}"].spec.parameters
        assert (schema["type"], schema["required"], schema["additionalProperties"]) == (
            "object",
            [name],
            False,
        )
        return schema["properties"][name]

    level = field("level")
    assert (level["exclusiveMinimum"], level["exclusiveMaximum"], level["multipleOf"]) == (0, 4, 0.5)
    assert (field("tint")["format"], field("tint")["default"]) == ("color", "#FF8000")
    stamp = field("stamp")
    assert stamp["contentEncoding"] == "base64" and stamp["x-reactor-moderate"] is True
    assert stamp["maxLength"] == 8
    assert "set__cache" not in described(Base).commands


@pytest.mark.parametrize(
    ("name", "data", "field", "limit"),
    [
        ("set_level", {"level": 0}, "level", {"gt": 0}),
        ("set_level", {"level": 4}, "level", {"lt": 4}),
        ("set_level", {"level": 0.7}, "level", {"multiple_of": 0.5}),
        ("set_level", {"level": None}, "level", {"type": "number"}),
        ("set_mood", {"mood": "sad"}, "mood", {"choices": "'calm' or 'wild'"}),
        ("set_tint", {"tint": "red"}, "tint", {"pattern": "^#[0-9a-fA-F]{6}$"}),
        ("set_note", {"note": "A"}, "note", {"pattern": "^[a-z]*$"}),
        ("set_note", {"mood": "calm", "note": "a"}, "mood", None),
        ("jump", {"height": 0}, "height", {"ge": 1}),
        ("jump", {"height": 1.5}, "height", {"type": "integer"}),
        ("ask.me", {"what": "c"}, "what", {"choices": ["a", "b"]}),
        ("ask.me", {"what": "a", "copy": 1}, "copy", {"type": "boolean"}),
    ],
)
def test_data_that_does_not_fit_is_refused_with_field_and_limit(
    name: str, data: dict[str, Any], field: str, limit: Any
) -> None:
    with pytest.raises(CommandRefused) as refused:
        described(Base).commands[name].arguments(data)
    failure = refused.value.failure
    assert (failure.code, failure.field, failure.limit) == ("invalid-command", field, limit)
    assert field in failure.message and failure.hint


def test_a_whole_number_is_a_number_and_null_is_no_text() -> None:
    commands = described(Base).commands
    assert commands["set_level"].arguments({"level": 2}) == {"level": 2.0}
    assert commands["set_note"].arguments({"note": None}) == {"note": None}
    assert rgb_of("#FF8001") == (255, 128, 1)


def no_hint(self: Any, what: Unknown) -> None: ...  # type: ignore[name-defined] # noqa: F821


FIVE = InputField(5, le=4)


def model(**members: Any) -> type:
    return type("Wrong", (ReactorApp,), members)


def marked(method: Callable[..., Any], **given: Any) -> Any:
    return event(**given)(method)


@pytest.mark.parametrize(
    ("cls", "words"),
    [
        (lambda: model(a=marked(lambda self, *many: None, name="a")), r"Wrong\.a: parameter \*many"),
        (lambda: model(a=marked(lambda self, x=FIVE: None, name="a")), r"the default 5 of x .*less than or equal to 4"),
        (lambda: model(a=marked(lambda self: None, name="no space")), "'no space' cannot be the name of a command"),
        (lambda: model(a=marked(lambda self: None, name="x"), b=marked(lambda self: None, name="x")), "a and b are both the command x"),
        (lambda: model(a=session_started(lambda self: None), b=session_started(lambda self: None)), "a and b are both marked @session_started"),
        (lambda: model(a=marked(lambda self, speed: None, name="a", bind="keyboard")), "nobody gives speed at an event of the keyboard"),
        (lambda: model(a=marked(lambda self: None, name="a", bind="mouse")), "got bind='mouse', expected 'keyboard' or 'pointer'"),
        (lambda: model(a=marked(no_hint, name="a")), r"Wrong\.a: .*Unknown"),
        (lambda: model(a=marked(locking, name="a")), r"Wrong\.a: "),
    ],
)  # fmt: skip
def test_a_wrong_declaration_names_class_and_method(cls: Callable[[], type], words: str) -> None:
    with pytest.raises(DeclarationError, match=words) as raised:
        describe_interface(cls(), InputState)
    assert raised.value.code == "bad-declaration" and raised.value.hint


def locking(self: Any, lock: threading.Thread) -> None: ...


def test_a_default_beyond_its_choices_is_an_error_at_once() -> None:
    with pytest.raises(
        DeclarationError, match=r"Sad\.mood: its default 'sad' is not allowed: .*'calm', 'wild'"
    ):

        class Sad(InputState):
            mood: str = InputField(default="sad", choices=["calm", "wild"])


def test_a_state_that_begins_anew_is_the_same_object() -> None:
    state = initial_state(State)
    assert isinstance(state, State)
    state.level, state._cache, state.stamp = 2.0, 9, b"abc"
    begin_anew(state)
    assert (state.level, state._cache, state.stamp) == (1.0, 3, b"")
    with pytest.raises(ValueError, match="less than 4"):
        state.level = 5


def test_only_what_has_changed_is_told_and_files_by_their_size() -> None:
    state = initial_state(State)
    assert isinstance(state, State)
    watch = StateWatch(described(Base).told.state)
    assert watch.changes(state) == {}
    state.stamp, state.mood, state.level = b"abcd", Mood.WILD, 2.5
    state.level = 1.0
    assert watch.changes(state) == {"stamp": {"bytes": 4}, "mood": "wild"}
    assert watch.changes(state) == {}


class ScoreTold(ModelMessage):
    """How it stands."""

    note: str = "none"
    score: int = MessageField(description="Points.")
    mood: Mood = Mood.CALM


class BonusTold(ScoreTold):
    by: list[int]


class Renamed(ModelMessage):
    name: ClassVar[str] = "another.name"


class Person(ModelMessage):
    name: str


def test_messages_are_named_described_and_checked() -> None:
    specs = {each.name: each for each in message_specs()}
    told = specs["score_told"]
    assert (told.description, told.data["required"]) == ("How it stands.", ["score"])
    assert told.data["properties"]["score"]["description"] == "Points."
    assert set(specs["bonus_told"].data["properties"]) == {"note", "score", "mood", "by"}
    assert specs["bonus_told"].data["properties"]["score"]["description"] == "Points."
    assert [message_name(each) for each in (Renamed, Person)] == ["another.name", "person"]
    assert message_data(ScoreTold(score=3, note="good")) == {"score": 3, "note": "good", "mood": "calm"}
    assert message_data(Person(name="Ada")) == {"name": "Ada"}


def test_numpy_s_numbers_and_arrays_are_sent_as_json() -> None:
    assert message_data(BonusTold(score=np.int64(4), by=np.arange(2))) == {  # type: ignore[arg-type]
        "note": "none",
        "score": 4,
        "mood": "calm",
        "by": [0, 1],
    }


def test_a_message_that_is_not_what_it_declares_is_refused() -> None:
    with pytest.raises(
        MessageError, match=r"ScoreTold\.score: got 'many', expected a valid integer"
    ) as wrong:
        message_data(ScoreTold(score="many"))  # type: ignore[arg-type]
    assert wrong.value.code == "message-data"
    with pytest.raises(MessageError, match="expected at most 204800") as large:
        message_data(ScoreTold(score=1, note="x" * 204_800))
    assert large.value.code == "message-too-large"


def test_two_messages_of_one_name_are_an_error_at_once() -> None:
    with pytest.raises(DeclarationError, match="are both the message score_told"):

        class Again(ModelMessage):
            name: ClassVar[str] = "score_told"
