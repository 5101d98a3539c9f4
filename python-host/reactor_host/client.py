"""One of those who watch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .message import ModelMessage


@dataclass(frozen=True)
class ClientInfo:
    """Who sent a command, or came and went: a method of the model that has a parameter `client` is given it.

    id: the same for as long as the client belongs to the session, also over a reload. Callers of
        `POST /commands/{name}` are `http`; they get replies, but nothing can be sent to them.
    joined_at: `time.monotonic()` seconds when the client came.
    """

    id: str
    joined_at: float
    _send: Callable[[ModelMessage, ClientInfo], Awaitable[None]] = field(compare=False, repr=False)

    def send(self, message: ModelMessage) -> Awaitable[None]:
        """Send a message to this client alone, as `self.send(message, client)` does."""
        return self._send(message, self)
