"""Marks of a model's methods: commands of viewers, and what happens to session and clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, overload

_Method = TypeVar("_Method", bound=Callable[..., Any])
Bind = Literal["keyboard", "pointer"]
Hook = Literal["session_started", "session_ended", "connected", "disconnected"]

EVENT_MARK = "_reactor_event"
HOOK_MARK = "_reactor_hook"


@dataclass(frozen=True)
class EventMark:
    """What `@event` was given."""

    name: str
    description: str
    bind: Bind | None


@overload
def event(method: _Method, /) -> _Method: ...


@overload
def event(
    *, name: str | None = None, description: str | None = None, bind: Bind | None = None
) -> Callable[[_Method], _Method]: ...


def event(
    method: Any = None, *, name: str | None = None, description: str | None = None, bind: Bind | None = None
) -> Any:
    """Make a command of a method: `@event`, or `@event(name="jump", description="...")`.

    Its parameters, with their annotations and `InputField` defaults, are what viewers send, and are checked before the
    method runs. A parameter called `client` is the ClientInfo of who sent it. The method may be `async`; a ModelMessage
    it returns is the reply. CommandError is how it refuses; anything else that it raises is told to viewers as
    `command-failed`, with the traceback in the model's terminal, and the model goes on.

    name: what viewers call it; the method's name by default. description: the method's docstring by default.
    bind: send it at each event of the viewer's keyboard (`key` and `code` as in DOM's KeyboardEvent, `pressed`) or
        pointer (`x` and `y` from 0 to 1 of the picture, `pressed`, `buttons` as in DOM's MouseEvent); of these the
        viewer sends the parameters that the method declares.
    """

    def mark(method: _Method) -> _Method:
        text = description if description is not None else (method.__doc__ or "")
        setattr(method, EVENT_MARK, EventMark(name or method.__name__, text, bind))
        return method

    return mark if method is None else mark(method)


def _hook(kind: Hook) -> Callable[[_Method], _Method]:
    def mark(method: _Method) -> _Method:
        setattr(method, HOOK_MARK, kind)
        return method

    return mark


def session_started(method: _Method) -> _Method:
    """Run this method once when a session begins, before anybody is connected and with a fresh state."""
    return _hook("session_started")(method)


def session_ended(method: _Method) -> _Method:
    """Run this method once when a session ends. Clients do not disconnect one by one then."""
    return _hook("session_ended")(method)


def connected(method: _Method) -> _Method:
    """Run this method each time that a client is connected and can be sent messages. It may have a parameter `client`."""
    return _hook("connected")(method)


def disconnected(method: _Method) -> _Method:
    """Run this method each time that a client has gone while its session goes on. It may have a parameter `client`."""
    return _hook("disconnected")(method)
