"""What viewers may change: a validated class whose fields are the model's inputs."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from .errors import DeclarationError

_UNSET: Any = object()


def InputField(
    default: Any = _UNSET,
    *,
    default_factory: Any = None,
    description: str | None = None,
    title: str | None = None,
    examples: list[Any] | None = None,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    multiple_of: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
    choices: list[Any] | None = None,
    moderate: bool = False,
    json_schema_extra: dict[str, Any] | None = None,
) -> Any:
    """Declare an input: a field of an InputState, or a parameter of an `@event` method (as its default).

    default or default_factory: the value before anybody has changed it. A field needs one of them; a parameter
        without one has to be given by who sends the command.
    description, title, examples: for people.
    ge, gt, le, lt, multiple_of: limits of numbers. min_length, max_length: of text, lists and files (in bytes).
    pattern: of text. choices: every value that is allowed; the viewer page makes a select of them.
    moderate: marks free text or a file for moderation, as `x-reactor-moderate` in the schema. Nothing is checked here.
    json_schema_extra: added to the field's JSON schema.
    """
    extra = dict(json_schema_extra or {})
    if choices is not None:
        extra["enum"] = list(choices)
    if moderate:
        extra["x-reactor-moderate"] = True
    given = {
        "default_factory": default_factory,
        "description": description,
        "title": title,
        "examples": examples,
        "ge": ge,
        "gt": gt,
        "le": le,
        "lt": lt,
        "multiple_of": multiple_of,
        "min_length": min_length,
        "max_length": max_length,
        "pattern": pattern,
        "json_schema_extra": extra or None,
    }
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if default is not _UNSET:
        options["default"] = default
    return Field(**options)


class Choosing(BaseModel):
    """Holds fields to the `choices` they were declared with."""

    @field_validator("*", mode="after")
    @classmethod
    def _is_a_choice(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields[info.field_name or ""]
        extra = field.json_schema_extra
        choices = extra.get("enum") if isinstance(extra, dict) else None
        if isinstance(choices, list) and value not in choices:
            raise PydanticCustomError(
                "choices", "Input should be one of {shown}", {"choices": choices, "shown": str(choices)[1:-1]}
            )
        return value


class InputState(Choosing):
    """Base of a model's inputs, passed to `generate` and kept as `self.state`.

    ```python
    class State(InputState):
        speed: float = InputField(default=1.0, ge=0, le=4, description="How fast the world moves.")
    ```

    Each field is a command `set_<field>` of viewers; one that begins with an underscore is the model's alone. A value
    that breaks the declaration is refused, also when assigned. Viewers are told of values that the model changes.
    The state is that of one session: with a new one every field has its default again. Fields are read live: `generate`
    is handed the one object that inputs change, between steps and never during one.
    Errors: DeclarationError, when the class is made, for a field without a default or with an invalid one.
    """

    # A field may be called `model_size`: pydantic would warn of its own names.
    model_config = ConfigDict(
        validate_assignment=True, validate_default=True, extra="forbid", protected_namespaces=()
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.__pydantic_complete__:
            initial_state(cls)


def initial_state(cls: type[InputState]) -> InputState:
    """The state before anybody has changed it. Raises DeclarationError naming class and field."""
    for name, field in cls.model_fields.items():
        if field.is_required():
            raise DeclarationError(
                "bad-declaration",
                f"{cls.__name__}.{name} has no default, and a model starts before any input comes",
                f"write `{name}: ... = InputField(default=...)`",
            )
    try:
        return cls()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise DeclarationError(
            "bad-declaration",
            f"{cls.__name__}.{name}: its default {first.get('input')!r} is not allowed: {first['msg']}",
            "change the default or the limits",
        ) from None


def begin_anew(state: InputState) -> None:
    """Every field has its default again, private ones too; whoever holds the object sees it."""
    fresh = initial_state(type(state))
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_private__"):
        object.__setattr__(state, slot, getattr(fresh, slot))
