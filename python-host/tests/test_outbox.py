from __future__ import annotations

import asyncio
import threading

import pytest
from reactor_host import messages
from reactor_host.outbox import Outbox


class Wire:
    def __init__(self) -> None:
        self.sent: list[int] = []
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, message: messages.ModelToHost) -> None:
        await self.open.wait()
        assert isinstance(message, messages.CommandDone)
        self.sent.append(message.request_id)


def numbered(number: int) -> messages.CommandDone:
    return messages.CommandDone(request_id=number, error=None, reply=None)


def test_messages_of_all_threads_are_sent_in_their_order() -> None:
    async def run() -> None:
        wire = Wire()
        outbox = Outbox(wire.send)
        running = asyncio.ensure_future(outbox.run())
        await outbox.put(numbered(0))

        def other() -> None:
            for number in range(1, 50):
                outbox.put(numbered(number))

        thread = threading.Thread(target=other)
        thread.start()
        await asyncio.to_thread(thread.join)
        await asyncio.sleep(0)
        outbox.put(numbered(50))
        await outbox.drained()
        assert wire.sent == list(range(51))
        running.cancel()

    asyncio.run(run())


def test_who_waits_goes_on_when_there_is_room_and_who_does_not_loses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> None:
        wire = Wire()
        wire.open.clear()
        outbox = Outbox(wire.send)
        running = asyncio.ensure_future(outbox.run())

        async def many() -> None:
            for number in range(300):
                await outbox.put(numbered(number))

        waiting = asyncio.ensure_future(many())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        for number in range(1000, 2100):
            outbox.put(numbered(number))
        wire.open.set()
        await waiting
        await outbox.drained()
        # 101 of who waits were there before, so 899 of the 1100 had room.
        assert len(wire.sent) == 300 + 899
        assert wire.sent[:101] == list(range(101)) and wire.sent[101] == 1000
        running.cancel()

    asyncio.run(run())
    assert "201 messages were not sent" in caplog.text
