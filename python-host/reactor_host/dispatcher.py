"""Runs what viewers ask of the model, and what happens to its session, between steps and in the order it came."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError

from . import messages
from .app import ReactorApp
from .audience import Audience
from .author import Author
from .client import ClientInfo
from .command import Command, CommandRefused, unknown
from .errors import CommandError, MessageError, ReactorHostError
from .events import Hook
from .inbound import Absent, Inbound, Welcomed
from .interface import Interface
from .limits import MAX_ERROR_CHARS
from .log import LogFormat, on_behalf_of
from .message import ModelMessage, message_data, message_name
from .model_thread import ModelThread
from .outbox import Outbox
from .report import print_error
from .state import InputState, begin_anew
from .state_values import StateWatch

_log = logging.getLogger("reactor_host")
# More than a second of what one viewer may send. Beyond it a command is refused at once instead of being late.
MAX_WAITING_COMMANDS = 256
# A host tells all clients right after it has welcomed a model; who is not told by then has gone meanwhile.
_CLIENTS_TOLD_WITHIN_S = 2.0


class Dispatcher:
    """`lock` is held while a handler runs; a step takes it too. Everything here is on the event loop.

    `handled` is set whenever something was handled: a model that had nothing to show is asked again.
    """

    def __init__(
        self,
        app: ReactorApp,
        interface: Interface,
        audience: Audience,
        outbox: Outbox,
        author: Author,
        log_format: LogFormat,
        thread: ModelThread | None,
        on_session_ended: Callable[[], Awaitable[None]],
    ) -> None:
        """`thread`: where methods run that are not async; None for the event loop."""
        self.lock = asyncio.Lock()
        self.handled = asyncio.Event()
        self._app = app
        self._state: InputState = app.state
        self._interface = interface
        self._audience = audience
        self._outbox = outbox
        self._author = author
        self._log_format = log_format
        self._thread = thread
        self._on_session_ended = on_session_ended
        self._watch = StateWatch(interface.told.state)
        self._waiting: deque[Inbound] = deque()
        self._commands = 0
        self._arrived = asyncio.Event()
        # Clients that a host which was connected anew has not told of yet.
        self._unconfirmed: set[str] = set()

    def put(self, item: Inbound) -> None:
        if isinstance(item, messages.Command):
            if self._commands >= MAX_WAITING_COMMANDS:
                self._refuse(
                    item, "too-many-messages", f"{MAX_WAITING_COMMANDS} commands are waiting for the model"
                )
                return
            self._commands += 1
        self._waiting.append(item)
        self._arrived.set()

    async def run(self) -> None:
        while True:
            await self._arrived.wait()
            async with self.lock:
                await self.drain()

    async def drain(self) -> None:
        """Handle what waits now; what comes meanwhile is for the next time, so that steps go on. The lock is held."""
        for _ in range(len(self._waiting)):
            item = self._waiting.popleft()
            if isinstance(item, messages.Command):
                self._commands -= 1
            await self._handle(item)
            self.handled.set()
        if not self._waiting:
            self._arrived.clear()

    def tell_state(self, client_id: str | None = None) -> None:
        """Tell viewers what has changed in the state. The lock is held; any thread."""
        changed = self._watch.changes(self._state)
        if changed:
            self._outbox.put(messages.StateChanged(client_id=client_id, values=changed))

    async def _handle(self, item: Inbound) -> None:
        match item:
            case messages.Command():
                await self._command(item)
            case messages.Session(session_id, "started"):
                await self._session_started(session_id)
            case messages.Session(session_id, _):
                if session_id == self._audience.session_id:
                    await self._session_ended()
                # Also of one that this model, started since, has never heard of: the host waits for the answer.
                self._outbox.put(messages.SessionEnded(session_id=session_id))
            case messages.Client(client_id, True):
                self._unconfirmed.discard(client_id)
                await self._client_came(client_id)
            case messages.Client(client_id, _):
                await self._client_went(client_id)
            case Welcomed():
                self._watch.begin(self._interface.told.state)
                self.tell_state()
                self._unconfirmed = self._audience.client_ids
                if self._unconfirmed:
                    absent = frozenset(self._unconfirmed)
                    asyncio.get_running_loop().call_later(_CLIENTS_TOLD_WITHIN_S, self.put, Absent(absent))
            case Absent(client_ids):
                for client_id in client_ids & self._unconfirmed:
                    await self._client_went(client_id)
                self._unconfirmed.clear()

    # --- commands

    async def _command(self, item: messages.Command) -> None:
        self.tell_state()
        try:
            command = self._interface.commands.get(item.name)
            if command is None:
                raise unknown(item.name, self._interface.commands)
            with on_behalf_of(item.client_id, item.request_id):
                reply = await self._run(command, item)
        except CommandRefused as refused:
            self._done(item, refused.failure, None)
        except CommandError as error:
            failure = messages.CommandFailure(
                code=error.code[:64] or "command-failed",
                message=error.message[:MAX_ERROR_CHARS],
                hint="",
                field=None,
                limit=None,
            )
            self._done(item, failure, None)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 (the author's code)
            method = self._interface.commands[item.name].method or item.name
            self._report(error, method, "command-failed")
            self._refuse(item, "command-failed", f"{item.name} failed in the model")
        else:
            self._done(item, None, reply)

    async def _run(self, command: Command, item: messages.Command) -> messages.Reply | None:
        try:
            if command.method is None:
                returned = await self._call(lambda: self._set(command, item.data))
            else:
                method = getattr(self._app, command.method)
                client = {"client": self._audience.client(item.client_id)} if command.takes_client else {}
                if command.is_async:
                    returned = await method(**command.arguments(item.data), **client)
                else:
                    returned = await self._call(lambda: method(**command.arguments(item.data), **client))
        finally:
            # Before the answer: who gets that knows what it has changed.
            self.tell_state(item.client_id)
        if returned is None:
            return None
        if not isinstance(returned, ModelMessage):
            raise MessageError(
                "message-data",
                f"{command.method} returned {type(returned).__name__}, expected a ModelMessage or None",
                "return nothing, or a message as the reply",
            )
        return messages.Reply(name=message_name(type(returned)), data=message_data(returned))

    def _set(self, command: Command, data: messages.JsonObject) -> None:
        command.arguments(data)
        field = command.spec.state_field
        assert field is not None
        before = dict(self._state.__dict__)
        try:
            # What came, not what `arguments` made of it: the field's own validators are run on assignment.
            setattr(self._state, field, data[field])
        except ValidationError as error:
            # A validator of the whole state runs when the field has been set.
            self._state.__dict__.update(before)
            raise command.refused(error) from None

    async def _call(self, call: Callable[[], Any]) -> Any:
        if self._thread is None:
            return call()
        raised: BaseException | None = None

        def attempt() -> Any:
            nonlocal raised
            try:
                return call()
            except BaseException as error:  # noqa: BLE001 (raised again where it is waited for)
                raised = error
                return None

        returned = await self._thread.call(attempt)
        if raised is not None:
            raise raised
        return returned

    def _refuse(self, item: messages.Command, code: str, message: str) -> None:
        hint = (
            "send it again later"
            if code == "too-many-messages"
            else "the model's terminal shows what went wrong"
        )
        self._done(
            item, messages.CommandFailure(code=code, message=message, hint=hint, field=None, limit=None), None
        )

    def _done(
        self, item: messages.Command, error: messages.CommandFailure | None, reply: messages.Reply | None
    ) -> None:
        self._outbox.put(messages.CommandDone(request_id=item.request_id, error=error, reply=reply))

    # --- session and clients

    async def _session_started(self, session_id: str) -> None:
        if session_id == self._audience.session_id:
            return
        if self._audience.session_id is not None:
            # Its host is gone, and could not tell that it ended.
            await self._session_ended()
        self._audience.started(session_id)
        await self._hook("session_started", None)

    async def _session_ended(self) -> None:
        self._audience.ended()
        await self._hook("session_ended", None)
        self._audience.forget()
        self._unconfirmed.clear()
        await self._on_session_ended()
        begin_anew(self._state)
        self.tell_state()

    async def _client_came(self, client_id: str) -> None:
        client = self._audience.came(client_id)
        if client is not None:
            with on_behalf_of(client_id):
                await self._hook("connected", client)

    async def _client_went(self, client_id: str) -> None:
        client = self._audience.went(client_id)
        if client is not None:
            with on_behalf_of(client_id):
                await self._hook("disconnected", client)

    async def _hook(self, kind: Hook, client: ClientInfo | None) -> None:
        name = self._interface.hooks.get(kind)
        if name is None:
            return
        method = getattr(self._app, name)
        arguments = {"client": client} if "client" in inspect.signature(method).parameters else {}
        try:
            if inspect.iscoroutinefunction(method):
                await method(**arguments)
            else:
                await self._call(lambda: method(**arguments))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 (the author's code)
            self._report(error, name, "hook-raised")
        self.tell_state()

    def _report(self, error: BaseException, method: str, code: str) -> None:
        """To the author. The model goes on."""
        told = error if isinstance(error, ReactorHostError) else self._author.raised(method, error, code)
        print_error(told, self._log_format)
