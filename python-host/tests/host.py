"""The host's side of the protocol, for tests: accepts one model at a time, and keeps what it sends."""

from __future__ import annotations

import asyncio
import contextlib
import http
import os
import struct
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec
from reactor_host import messages, wire
from reactor_host.limits import PROTOCOL_VERSION
from websockets import ConnectionClosed
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

SECRET = "a-secret-of-this-test"
_Message = TypeVar("_Message")
# For what must happen: long enough for a busy machine, and never waited for in full by a test that passes.
LIMIT_S = 20.0


class Host:
    def __init__(self) -> None:
        self.url = ""
        self.received: list[tuple[Any, bytes]] = []
        self.connections = 0
        self.requests = 0
        self.acknowledges = True
        self.ring: dict[str, Any] | None = None
        self.version = PROTOCOL_VERSION
        self.refusal: dict[str, str] | None = None
        self.video_window_frames = 2
        self.audio_window_us = 2_000_000
        self.socket: ServerConnection | None = None
        self._changed = asyncio.Condition()

    def of(self, kind: type[_Message], track: str | None = None) -> list[_Message]:
        return [
            message
            for message, _ in self.received
            if isinstance(message, kind) and (track is None or getattr(message, "track", None) == track)
        ]

    def payloads(self, track: str) -> list[bytes]:
        return [payload for message, payload in self.received if getattr(message, "track", None) == track]

    async def until(self, good: Callable[[], Any], what: str = "") -> None:
        async def wait() -> None:
            async with self._changed:
                await self._changed.wait_for(good)

        try:
            await asyncio.wait_for(wait(), LIMIT_S)
        except asyncio.TimeoutError:
            seen = [type(message).__name__ for message, _ in self.received]
            raise AssertionError(f"waited in vain for {what or good}; received {seen[-40:]}") from None

    async def until_received(self, kind: type[_Message], count: int, track: str | None = None) -> None:
        await self.until(
            lambda: len(self.of(kind, track)) >= count, f"{count} {kind.__name__} of {track or 'any'}"
        )

    async def send(self, message: dict[str, Any], extra: bytes = b"") -> None:
        assert self.socket is not None
        head = msgspec.msgpack.encode(message)
        await self.socket.send(struct.pack("<I", len(head)) + head + extra)

    async def acknowledge(self, message: messages.Video | messages.Audio) -> None:
        await self.send({"type": "ack", "track": message.track, "seq": message.seq})

    async def start_session(self, session_id: str = "s1", *clients: str) -> None:
        await self.until(lambda: self.of(messages.Interface))
        await self.send({"type": "session", "session_id": session_id, "state": "started"})
        for client in clients:
            await self.client(client)

    async def client(self, client_id: str, connected: bool = True) -> None:
        await self.send({"type": "client", "client_id": client_id, "connected": connected})

    async def end_session(self, session_id: str = "s1") -> None:
        await self.send({"type": "session", "session_id": session_id, "state": "ended"})
        await self.until(lambda: messages.SessionEnded(session_id) in self.of(messages.SessionEnded))

    async def post(self, name: str, data: dict[str, Any] | None = None, client: str = "c1") -> int:
        """Send a command; returns its request id."""
        self.requests += 1
        await self.send(
            {
                "type": "command",
                "request_id": self.requests,
                "client_id": client,
                "name": name,
                "data": data or {},
            }
        )
        return self.requests

    async def done(self, request_id: int) -> messages.CommandDone:
        def found() -> list[messages.CommandDone]:
            return [each for each in self.of(messages.CommandDone) if each.request_id == request_id]

        await self.until(found, f"command-done of {request_id}")
        return found()[0]

    async def ask(
        self, name: str, data: dict[str, Any] | None = None, client: str = "c1"
    ) -> messages.CommandDone:
        return await self.done(await self.post(name, data, client))

    async def arrived(self) -> None:
        """Until all that was sent has been read by the model's process, which answers a ping behind it (RFC 6455 5.5.3)."""
        assert self.socket is not None
        await (await self.socket.ping())

    async def drop_connection(self) -> None:
        assert self.socket is not None
        self.socket.transport.abort()

    async def _serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        self.socket = socket
        with contextlib.suppress(ConnectionClosed):
            await self._listen(socket)

    async def _listen(self, socket: ServerConnection) -> None:
        async for data in socket:
            assert isinstance(data, bytes)
            message, payload = wire.decode_from_model(data)
            async with self._changed:
                self.received.append((message, bytes(payload)))
                self._changed.notify_all()
            if isinstance(message, messages.Hello):
                if self.refusal is not None:
                    await self.send({"type": "refused", "error": self.refusal})
                    return
                await self.send(
                    {
                        "type": "welcome",
                        "version": self.version,
                        "ring": self.ring,
                        "video_window_frames": self.video_window_frames,
                        "audio_window_us": self.audio_window_us,
                    }
                )
            elif isinstance(message, messages.Video | messages.Audio) and self.acknowledges:
                # A model that has said goodbye takes no more answers, but its last words are still to be read.
                with contextlib.suppress(ConnectionClosed):
                    await self.acknowledge(message)

    def _check_secret(self, _: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Authorization") == f"Bearer {SECRET}" and request.path == "/host":
            return None
        return Response(http.HTTPStatus.UNAUTHORIZED, "Unauthorized", type(request.headers)(), b"")


@asynccontextmanager
async def running_host(ring_slots: int = 0, slot_bytes: int = 1 << 20) -> AsyncIterator[Host]:
    host = Host()
    path = None
    if ring_slots:
        handle, path = tempfile.mkstemp()
        os.close(handle)
        host.ring = {"path": path, "slot_bytes": slot_bytes, "slots": ring_slots}
    try:
        async with serve(
            host._serve, "127.0.0.1", 0, process_request=host._check_secret, max_size=None, compression=None
        ) as server:
            host.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/host"
            yield host
    finally:
        if path is not None:
            os.unlink(path)
