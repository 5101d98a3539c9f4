"""What viewers may ask of a model: one command for each input, one for each `@event` method."""

from __future__ import annotations

import difflib
import inspect
import typing
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import msgspec
from pydantic import ConfigDict, PydanticUserError, ValidationError, create_model

from .errors import DeclarationError
from .events import EventMark
from .limits import MAX_ERROR_CHARS
from .messages import CommandFailure, CommandSpec, JsonObject
from .state import Choosing, InputState

# Parameters that are not the viewer's to give.
RESERVED = ("client",)
# What the viewer page sends of these; DOM's KeyboardEvent and PointerEvent are its source.
BOUND_PARAMETERS = {
    "keyboard": ("key", "code", "pressed"),
    "pointer": ("x", "y", "pressed", "buttons"),
}
_LIMITS = {
    "greater_than_equal": "ge",
    "greater_than": "gt",
    "less_than_equal": "le",
    "less_than": "lt",
    "multiple_of": "multiple_of",
    "string_too_short": "min_length",
    "string_too_long": "max_length",
    "bytes_too_short": "min_length",
    "bytes_too_long": "max_length",
    "too_short": "min_length",
    "too_long": "max_length",
    "string_pattern_mismatch": "pattern",
    "choices": "choices",
}


class CommandRefused(Exception):
    """A command that the model does not get to see; `failure` is what its sender is told."""

    def __init__(self, failure: CommandFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class _Parameters(Choosing):
    model_config = ConfigDict(extra="forbid", validate_default=True, protected_namespaces=())


@dataclass(frozen=True)
class Command:
    """One command. `method` is the model's, or None where a field of the state is set."""

    spec: CommandSpec
    parameters: type[_Parameters]
    method: str | None
    is_async: bool = False
    takes_client: bool = False

    def arguments(self, data: JsonObject) -> dict[str, Any]:
        """What came as what the method takes. Raises CommandRefused, naming field and limit.

        JSON types count as they are: `"3"` is no number.
        """
        try:
            checked = self.parameters.model_validate_json(msgspec.json.encode(data), strict=True)
        except ValidationError as error:
            raise self.refused(error) from None
        return {name: getattr(checked, name) for name in type(checked).model_fields}

    def refused(self, error: ValidationError) -> CommandRefused:
        first = error.errors()[0]
        path = [str(part) for part in first["loc"]] or [self.spec.state_field or ""]
        field = ".".join(path)
        known = self.spec.parameters.get("properties", {})
        if first["type"] == "missing":
            message, hint = f"{field} is missing", f"{self.spec.name} takes {_listed(known)}"
        elif first["type"] == "extra_forbidden":
            message, hint = f"{self.spec.name} has no parameter {field!r}", f"it takes {_listed(known)}"
            close = difflib.get_close_matches(field, known, 1)
            hint = f"did you mean {close[0]}?" if close else hint
        else:
            what = first["msg"].replace("Input should be", "expected")
            message = f"{field}: got {first['input']!r:.80}, {what[:1].lower()}{what[1:]}"
            hint = f"GET /schema describes {self.spec.name} and its parameters"
        return CommandRefused(
            CommandFailure(
                code="invalid-command",
                message=message[:MAX_ERROR_CHARS],
                hint=hint[:MAX_ERROR_CHARS],
                field=field[:256],
                # The schema of an item of a list is not looked for.
                limit=_limit(first, known.get(field, {})),
            )
        )


def unknown(name: str, known: Iterable[str]) -> CommandRefused:
    """Nobody has declared this command."""
    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]}?" if close else f"the commands are {_listed(names)}"
    return CommandRefused(
        CommandFailure(
            code="unknown-command",
            message=f"there is no command {name!r}",
            hint=hint[:MAX_ERROR_CHARS],
            field=None,
            limit=None,
        )
    )


def state_command(state: type[InputState], name: str) -> Command:
    """The command that sets one field. Raises DeclarationError."""
    where = f"{state.__name__}.{name}"
    field = state.model_fields[name]
    # Once with everything that describes it, once without its default: whoever sets a field has to say to what.
    described = _model(where, f"set_{name}", {name: (field.annotation, field)})
    schema = _schema(where, described)
    return Command(
        spec=CommandSpec(
            name=f"set_{name}",
            description=(field.description or f"Set {name}.")[:MAX_ERROR_CHARS],
            parameters={**schema, "required": [name]},
            state_field=name,
            bind=None,
        ),
        parameters=_model(where, f"set_{name}", {name: (field.rebuild_annotation(), ...)}),
        method=None,
    )


def event_command(cls: type, attribute: str, method: Any, mark: EventMark) -> Command:
    """The command of an `@event` method. Raises DeclarationError naming class, method and parameter."""
    where = f"{cls.__name__}.{attribute}"
    fields: dict[str, Any] = {}
    parameters = list(inspect.signature(method).parameters.values())[1:]
    for each in parameters:
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD, each.POSITIONAL_ONLY):
            raise _wrong(where, f"parameter {each} cannot be sent by name", "name each parameter")
        if each.name not in RESERVED:
            default = ... if each.default is each.empty else each.default
            fields[each.name] = (_hint(where, method, each), default)
    if mark.bind is not None:
        _check_bound(where, mark.bind, parameters)
    model = _model(where, mark.name, fields)
    for name, (hint, default) in fields.items():
        if not model.model_fields[name].is_required():
            _check_default(where, name, hint, default)
    return Command(
        spec=CommandSpec(
            name=mark.name,
            description=inspect.cleandoc(mark.description)[:MAX_ERROR_CHARS],
            parameters=_schema(where, model),
            state_field=None,
            bind=mark.bind,
        ),
        parameters=model,
        method=attribute,
        is_async=inspect.iscoroutinefunction(method),
        takes_client="client" in {each.name for each in parameters},
    )


def _hint(where: str, method: Any, parameter: inspect.Parameter) -> Any:
    if parameter.annotation is parameter.empty:
        return Any
    holder = SimpleNamespace(__annotations__={parameter.name: parameter.annotation})
    try:
        return typing.get_type_hints(holder, getattr(method, "__globals__", {}), include_extras=True)[
            parameter.name
        ]
    except (NameError, TypeError, AttributeError) as error:
        raise _wrong(
            where,
            f"the type of {parameter.name} cannot be found: {error}",
            "import it at the top of the file, outside `if TYPE_CHECKING`",
        ) from None


def _check_bound(where: str, bind: str, parameters: list[inspect.Parameter]) -> None:
    if bind not in BOUND_PARAMETERS:
        raise _wrong(where, f"got bind={bind!r}, expected 'keyboard' or 'pointer'", "or leave it out")
    sent = BOUND_PARAMETERS[bind]
    for each in parameters:
        if each.name not in (*sent, *RESERVED) and each.default is each.empty:
            raise _wrong(
                where,
                f"nobody gives {each.name} at an event of the {bind}",
                f"take some of {', '.join(sent)}, or give {each.name} a default",
            )


def _check_default(where: str, name: str, hint: Any, default: Any) -> None:
    try:
        _model(where, name, {name: (hint, default)})()
    except ValidationError as error:
        first = error.errors()[0]
        raise _wrong(
            where,
            f"the default {first.get('input')!r} of {name} is not allowed: {first['msg']}",
            "change the default or the limits",
        ) from None


def _model(where: str, name: str, fields: dict[str, Any]) -> type[_Parameters]:
    try:
        with warnings.catch_warnings():
            # A parameter may be called `copy`: nobody calls pydantic's own method of that name here.
            warnings.filterwarnings("ignore", message="Field name .* shadows an attribute")
            return create_model(name, __base__=_Parameters, **fields)
    except (PydanticUserError, NameError, TypeError) as error:
        raise _wrong(where, str(error).splitlines()[0], "use types that JSON knows") from None


def _schema(where: str, model: type[_Parameters]) -> JsonObject:
    try:
        schema = model.model_json_schema()
    except PydanticUserError as error:
        raise _wrong(where, str(error).splitlines()[0], "use types that JSON knows") from None
    return {"properties": {}, **{key: value for key, value in schema.items() if key != "title"}}


def _limit(first: Any, schema: JsonObject) -> JsonObject | None:
    """What was broken, by the names of InputField."""
    kind, context = first["type"], first.get("ctx", {})
    if kind in _LIMITS:
        value = context.get(_LIMITS[kind])
        return {_LIMITS[kind]: value if isinstance(value, int | float | str | list) else str(value)}
    if kind in ("literal_error", "enum"):
        choices = schema.get("enum")
        return {"choices": choices} if choices else {"choices": context.get("expected")}
    if kind.endswith(("_type", "_parsing", "_from_float")) and "type" in schema:
        return {"type": schema["type"]}
    return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _wrong(where: str, what: str, hint: str) -> DeclarationError:
    return DeclarationError("bad-declaration", f"{where}: {what}", hint)
