"""What a model tells viewers: classes whose fields are checked, and described in the schema."""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from typing import Any, ClassVar

import msgspec
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, ValidationError, create_model
from typing_extensions import dataclass_transform

from .errors import DeclarationError, MessageError
from .limits import MAX_ERROR_CHARS, MAX_MODEL_MESSAGE_BYTES
from .messages import JsonObject, MessageSpec

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_REQUIRED: Any = dataclasses.MISSING


@dataclasses.dataclass(frozen=True)
class _Declared:
    default: Any
    description: str | None


def MessageField(default: Any = _REQUIRED, *, description: str | None = None) -> Any:
    """Declare a field of a ModelMessage: its default, and what it is for."""
    return _Declared(default, description)


# By keyword for type checkers: then a field without a default may follow one with a default for them, too.
@dataclass_transform(kw_only_default=True, field_specifiers=(MessageField,))
class ModelMessage:
    """Base of the messages that a model sends. Its fields are checked against their types when it is sent.

    ```python
    class Painted(ModelMessage):
        strokes: int = MessageField(description="How many there are by now.")

    await self.send(Painted(strokes=3))
    ```

    Viewers get it as `{"type": "painted", "data": {"strokes": 3}}`: the class's name in snake_case, or what
    `name: ClassVar[str] = "..."` says. Every subclass is in the schema, described by its docstring.
    Errors: DeclarationError when the class is made; MessageError, naming the field, when it is sent.
    """

    _description: ClassVar[str] = ""
    _field_descriptions: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Before it is made a dataclass, which writes a docstring of its own.
        cls._description = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
        _make_dataclass(cls)
        _register(cls)


# By the name that viewers know.
_all: dict[str, type[ModelMessage]] = {}
_checkers: dict[type[ModelMessage], type[BaseModel]] = {}


def message_name(cls: type[ModelMessage]) -> str:
    """What viewers call it."""
    given = cls.__dict__.get("name")
    if isinstance(given, str) and "name" not in _field_names(cls):
        return given
    return _WORD_START.sub("_", cls.__name__).lower()


def message_specs() -> list[MessageSpec]:
    """Every message there is, as the host is told of it. Raises DeclarationError."""
    return [
        MessageSpec(name=name, description=cls._description[:MAX_ERROR_CHARS], data=_schema(cls))
        for name, cls in _all.items()
    ]


def message_data(message: ModelMessage) -> JsonObject:
    """Its fields as JSON. Raises MessageError for a value that is not what the class declares, or too much of it."""
    cls = type(message)
    values = {name: _plain(getattr(message, name)) for name in _field_names(cls)}
    try:
        data = _checker(cls).model_validate(values).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        expected = first["msg"].replace("Input should be", "expected")
        raise MessageError(
            "message-data",
            f"{cls.__name__}.{field}: got {first['input']!r:.80}, {expected}",
            "give what the class declares, or declare another type",
        ) from None
    size = len(msgspec.json.encode(data))
    if size > MAX_MODEL_MESSAGE_BYTES:
        raise MessageError(
            "message-too-large",
            f"{cls.__name__}: got {size} bytes of JSON, expected at most {MAX_MODEL_MESSAGE_BYTES}",
            "send it in parts; pictures and sound belong on tracks",
        )
    return data


def _make_dataclass(cls: type[ModelMessage]) -> None:
    own = inspect.get_annotations(cls)
    described = {**cls._field_descriptions}
    for name in own:
        declared = cls.__dict__.get(name)
        if isinstance(declared, _Declared):
            described[name] = declared.description or ""
            if declared.default is _REQUIRED:
                delattr(cls, name)
            else:
                setattr(cls, name, declared.default)
    cls._field_descriptions = described
    # A field without a default may follow one with a default.
    cls.__annotations__ = dict(sorted(own.items(), key=lambda each: each[0] in cls.__dict__))
    inherits = any(dataclasses.is_dataclass(base) for base in cls.__mro__[1:])
    dataclasses.dataclass(kw_only=inherits)(cls)


def _register(cls: type[ModelMessage]) -> None:
    name = message_name(cls)
    if not _NAME.fullmatch(name):
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}: {name!r} cannot be the name of a message",
            "use letters a-z, digits, underscores, dots and dashes, at most 64",
        )
    other = _all.get(name)
    if other is not None and (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
        raise DeclarationError(
            "bad-declaration",
            f"{other.__qualname__} and {cls.__qualname__} are both the message {name}",
            'give one of them another name: `name: ClassVar[str] = "..."`',
        )
    _all[name] = cls


def _field_names(cls: type[ModelMessage]) -> list[str]:
    return [each.name for each in dataclasses.fields(cls)]  # type: ignore[arg-type]


def _checker(cls: type[ModelMessage]) -> type[BaseModel]:
    """A pydantic class with the same fields. Made when it is needed: all names of the module are there by then."""
    if cls not in _checkers:
        _checkers[cls] = _make_checker(cls)
    return _checkers[cls]


def _make_checker(cls: type[ModelMessage]) -> type[BaseModel]:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields: dict[str, Any] = {}
    for each in dataclasses.fields(cls):  # type: ignore[arg-type]
        default = ... if each.default is _REQUIRED else each.default
        fields[each.name] = (
            hints[each.name],
            Field(default, description=cls._field_descriptions.get(each.name) or None),
        )
    return create_model(cls.__name__, __config__=ConfigDict(protected_namespaces=()), **fields)


def _schema(cls: type[ModelMessage]) -> JsonObject:
    try:
        schema = _checker(cls).model_json_schema(mode="serialization")
    except (PydanticUserError, NameError, TypeError) as error:
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}: {str(error).splitlines()[0]}",
            "a message holds numbers, text, lists and maps: what JSON knows",
        ) from None
    return {name: value for name, value in schema.items() if name not in ("title", "description")}


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's own, which is what JSON knows."""
    if isinstance(value, np.generic):
        return value.item()
    return value.tolist() if isinstance(value, np.ndarray) else value
