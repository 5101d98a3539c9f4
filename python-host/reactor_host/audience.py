"""The session and who is connected: what decides whether the model steps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from .client import ClientInfo
from .message import ModelMessage

Generate = Literal["always", "connected"]


class Audience:
    """`live` is set while the model is to step: always, or while a session has a client that is connected."""

    def __init__(
        self,
        generate: Generate,
        connected: asyncio.Event,
        send: Callable[[ModelMessage, ClientInfo], Awaitable[None]],
    ) -> None:
        self.live = asyncio.Event()
        self.session_id: str | None = None
        self._always = generate == "always"
        self._connected = connected
        self._send = send
        self._clients: dict[str, ClientInfo] = {}
        # Those that send commands without being connected, over HTTP.
        self._callers: dict[str, ClientInfo] = {}
        self._update()

    @property
    def client_ids(self) -> set[str]:
        return set(self._clients)

    def client(self, client_id: str) -> ClientInfo:
        """Who sent a command."""
        known = self._clients.get(client_id)
        return known or self._callers.setdefault(client_id, self._new(client_id))

    def started(self, session_id: str) -> None:
        self.session_id = session_id
        self._update()

    def ended(self) -> None:
        """Nobody is connected any more; `forget` follows when the model has been told."""
        self.session_id = None
        self._connected.clear()
        self._update()

    def forget(self) -> None:
        self._clients.clear()
        self._callers.clear()

    def came(self, client_id: str) -> ClientInfo | None:
        """None if it is known already."""
        if client_id in self._clients:
            return None
        self._clients[client_id] = client = self._new(client_id)
        self._connected.set()
        self._update()
        return client

    def went(self, client_id: str) -> ClientInfo | None:
        """None if it was not known."""
        client = self._clients.pop(client_id, None)
        if not self._clients:
            self._connected.clear()
        self._update()
        return client

    def _new(self, client_id: str) -> ClientInfo:
        return ClientInfo(client_id, time.monotonic(), self._send)

    def _update(self) -> None:
        if self._always or (self.session_id is not None and self._connected.is_set()):
            self.live.set()
        else:
            self.live.clear()
