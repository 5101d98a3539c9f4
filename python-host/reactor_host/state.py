"""What viewers may change: a validated class whose fields are the model's inputs."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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
    json_schema_extra: dict[str, Any] | None = None,
) -> Any:
    """Declare an input of an InputState: its default, what it is for, and what is allowed.

    default or default_factory: the value before anybody has changed it; one of them is needed.
    description, title, examples: for people.
    ge, gt, le, lt, multiple_of: limits of numbers. min_length, max_length: of text and lists. pattern: of text.
    json_schema_extra: added to the field's JSON schema.
    """
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
        "json_schema_extra": json_schema_extra,
    }
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if default is not _UNSET:
        options["default"] = default
    return Field(**options)


class InputState(BaseModel):
    """Base of a model's inputs, passed to `generate` and kept as `self.state`.

    ```python
    class State(InputState):
        speed: float = InputField(default=1.0, ge=0, le=4, description="How fast the world moves.")
    ```

    A value that breaks the declaration is refused, also when assigned. Fields are read live: `generate` is handed
    the one object that inputs change, between steps and never during one.
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
