"""The connection to the host: hello and welcome, credit, reconnecting."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import websockets
from websockets.asyncio.client import ClientConnection, connect

from . import messages, wire
from .audio import Piece
from .backoff import Backoff
from .clock import ClockUs
from .credit import AudioCredit, VideoCredit
from .errors import ConnectionRefused, UsageError, WireError
from .inbound import Inbound, Welcomed
from .limits import MAX_MESSAGE_BYTES, PROTOCOL_VERSION
from .picture import BufferPool, Picture
from .process_usage import process_usage
from .ring import Ring, RingError

_Result = TypeVar("_Result")
_log = logging.getLogger("reactor_host.transport")
# A host on a busy machine answers in milliseconds; this is for one that hangs.
_WELCOME_TIMEOUT_S = 10.0


def host_url(text: str) -> str:
    """The address of the host's model socket: `ws://HOST:PORT`, or only `HOST:PORT`; the path defaults to /host.

    Errors: UsageError.
    """
    parts = urlsplit(text if "://" in text else f"ws://{text}")
    try:
        known = (
            parts.scheme in ("ws", "wss") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        known = False
    if not known or parts.username or parts.password:
        raise UsageError(
            "bad-host-url",
            f"got {text!r}, expected ws://HOST:PORT",
            "for example --host ws://192.168.1.20:8080, as the host prints it",
        )
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") or "/host", "", ""))


def is_loopback(url: str) -> bool:
    """Whether the host is on this machine, so that a file can be shared with it."""
    name = urlsplit(url).hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class HostLink:
    """One model's connection to the host, made again whenever it breaks.

    Everything here runs on the event loop, but `ring` and `pool` may be read by the thread that converts pictures.
    While there is no connection, pictures and sound are dropped and counted, and nobody waits.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        model_name: str,
        package_version: str,
        tracks: list[messages.Track],
        interface: messages.Interface,
        clock_us: ClockUs,
        on_shutdown: Callable[[], None],
        on_inbound: Callable[[Inbound], None],
    ) -> None:
        """`on_inbound` gets what is for the model, and Welcomed before all that a host has to say."""
        self._url = url
        self._secret = secret
        self._clock_us = clock_us
        self._on_shutdown = on_shutdown
        self._on_inbound = on_inbound
        self._interface = interface
        self._hello = messages.Hello(
            role="model",
            version=PROTOCOL_VERSION,
            package_version=package_version,
            model=model_name[:256],
            pid=os.getpid(),
            # A file is only shared with a host of this machine: nobody else has a say about files here.
            payloads=["ring", "inline"] if is_loopback(url) else ["inline"],
            tracks=tracks,
        )
        self.ring: Ring | None = None
        self.pool = BufferPool()
        self._video = {each.name: VideoCredit() for each in tracks if isinstance(each, messages.VideoTrack)}
        self._audio = {
            each.name: (AudioCredit(), each) for each in tracks if isinstance(each, messages.AudioTrack)
        }
        self._socket: ClientConnection | None = None
        self._welcomed = asyncio.Event()
        self._was_welcomed = False
        self._closing = False
        # Set when credit came or the connection changed: whoever waits for room looks again.
        self._moved = asyncio.Event()
        self._state: messages.ModelState = "loading"
        self._sending: set[asyncio.Task[None]] = set()
        self._flushes = 0

    # --- connecting

    async def run(self) -> None:
        """Connect, and again whenever the connection breaks. Ends by `close`, cancellation or ConnectionRefused."""
        backoff = Backoff()
        told: str | None = None
        while True:
            try:
                async with self._connection() as socket:
                    await self._welcome(socket)
                    backoff.succeeded()
                    told = None
                    await self._listen(socket)
            except WireError as error:
                _log.error("closing the connection: %s", error)
            except (OSError, TimeoutError, asyncio.TimeoutError, websockets.WebSocketException) as error:
                _refuse_by_status(error)
                what = str(error) or type(error).__name__
                if self.is_connected:
                    _log.warning(
                        "the connection to the host broke (%s); frames are dropped until it is back", what
                    )
                elif what != told:
                    _log.warning("cannot reach the host at %s: %s; trying again", self._url, what)
                    told = what
            else:
                if self._closing:
                    return
                _log.warning("the host closed the connection; frames are dropped until it is back")
            finally:
                self._disconnected()
            await asyncio.sleep(backoff.wait_s())

    def _connection(self) -> connect:
        options: dict[str, Any] = {}
        if is_loopback(self._url):
            # A proxy set up for the internet knows nothing of this machine's ports.
            options["proxy"] = None
        return connect(
            self._url,
            additional_headers={"Authorization": f"Bearer {self._secret}"},
            # Pictures do not get smaller by deflate, only later.
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=_WELCOME_TIMEOUT_S,
            close_timeout=1.0,
            **options,
        )

    async def _welcome(self, socket: ClientConnection) -> None:
        await socket.send(wire.encode(self._hello))
        message = await _within(_WELCOME_TIMEOUT_S, self._receive(socket))
        if isinstance(message, messages.Refused):
            if self._was_welcomed:
                # It was fine before: the host has not noticed yet that the old connection is gone.
                raise OSError(message.error.message)
            raise ConnectionRefused(message.error.code, message.error.message, message.error.hint)
        if not isinstance(message, messages.Welcome):
            raise WireError(f"got {type(message).__name__.lower()}, expected welcome")
        if message.version != PROTOCOL_VERSION:
            raise ConnectionRefused(
                "protocol-version",
                f"the host speaks version {message.version} of the protocol, this package version {PROTOCOL_VERSION}",
                "install the reactor_host that belongs to the host",
            )
        # Before anything that refers to it: from here on the model's messages may be sent.
        await socket.send(wire.encode(self._interface))
        self.ring = self._open_ring(message.ring)
        for video in self._video.values():
            video.connected(message.video_window_frames)
        for audio, _ in self._audio.values():
            audio.connected(message.audio_window_us)
        self._socket = socket
        self._was_welcomed = True
        self._on_inbound(Welcomed())
        self._welcomed.set()
        self._moved.set()
        way = "shared memory" if self.ring else "the connection"
        _log.info("connected to the host at %s; pictures travel by %s", self._url, way)
        await self._send(messages.Status(state=self._state))

    def _open_ring(self, file: messages.RingFile | None) -> Ring | None:
        if file is None or "ring" not in self._hello.payloads:
            return None
        try:
            return Ring(file)
        except RingError as error:
            _log.warning("%s; pictures travel inside the messages", error)
            return None

    def _disconnected(self) -> None:
        self._socket = None
        self._welcomed.clear()
        for video in self._video.values():
            video.disconnected()
        for audio, _ in self._audio.values():
            audio.disconnected()
        if self.ring is not None:
            self.ring.close()
            self.ring = None
        self._moved.set()

    async def _receive(self, socket: ClientConnection) -> messages.HostToModel:
        data = await socket.recv()
        if isinstance(data, str):
            raise WireError("got a text message, expected binary ones")
        message, _ = wire.decode_from_host(data)
        return message

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            try:
                message = await self._receive(socket)
            except websockets.ConnectionClosedOK:
                return
            match message:
                case messages.Ack(track, seq):
                    self._acknowledged(track, seq)
                case messages.ClockPing(id, encoder_us):
                    pong = messages.ClockPong(id=id, encoder_us=encoder_us, model_us=self._clock_us())
                    await self._send(pong)
                case messages.Refresh():
                    for track, credit in self._video.items():
                        picture = credit.refresh()
                        if picture is not None:
                            self._soon(self._send_picture(track, credit, picture))
                case messages.Session() | messages.Client() | messages.Command():
                    self._on_inbound(message)
                case messages.Shutdown():
                    self._on_shutdown()
                case messages.Refused(error):
                    raise ConnectionRefused(error.code, error.message, error.hint)
                case _:
                    raise WireError("got a second welcome")

    def _acknowledged(self, track: str, seq: int) -> None:
        if track in self._video:
            credit = self._video[track]
            picture = credit.acknowledged(seq)
            if picture is not None:
                self._soon(self._send_picture(track, credit, picture, release=True))
        elif track in self._audio:
            self._audio[track][0].acknowledged(seq)
        self._moved.set()

    def _soon(self, sending: Coroutine[Any, Any, None]) -> None:
        """Send without holding up what listens: an answer to a clock-ping must not wait for a picture."""
        task = asyncio.get_running_loop().create_task(sending)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    # --- sending

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    async def wait_connected(self) -> None:
        await self._welcomed.wait()

    async def send_video(self, track: str, picture: Picture) -> None:
        """Send a picture as soon as credit allows, unless a newer one comes first. Takes over the need of it."""
        credit = self._video[track]
        due = credit.offer(picture)
        if due is not None:
            await self._send_picture(track, credit, due)

    async def _send_picture(
        self, track: str, credit: VideoCredit, picture: Picture, release: bool = False
    ) -> None:
        ring = self.ring
        sent = picture
        if ring is not None and picture.ring is not ring:
            moved = picture.moved_to(ring)
            if moved is not None:
                credit.replace_newest(picture, moved)
                sent = moved
        if self._socket is not None:
            seq = credit.departs(sent)
            in_ring = ring is not None and sent.ring is ring
            header = messages.Video(
                track=track,
                seq=seq,
                capture_us=sent.capture_us,
                sent_us=self._clock_us(),
                format="i420",
                width=sent.size.width,
                height=sent.size.height,
                coded_width=sent.size.coded_width,
                coded_height=sent.size.coded_height,
                dropped=credit.dropped,
                slot=sent.slot if in_ring else None,
                bytes=sent.size.i420_bytes,
            )
            if in_ring:
                data: bytes | memoryview = wire.encode(header)
            elif sent.buffer is not None:
                data = wire.encode_before(header, sent.buffer, wire.HEADER_ROOM_BYTES + sent.size.i420_bytes)
            else:
                # In the ring of a connection that is gone.
                data = wire.encode(header, sent.planes().tobytes())
            await self._write(data)
        if sent is not picture:
            sent.release()
        if release:
            picture.release()

    def flush_audio(self) -> None:
        """Nothing that was sent is to be heard any more, and what waits for credit is not sent."""
        self._flushes += 1
        self._moved.set()
        for track in self._audio:
            self._soon(self._send(messages.Flush(track=track)))

    async def send_audio(self, track: str, piece: Piece, base_us: int) -> None:
        """Send a piece of sound that is due at `base_us` + its offset; waits while the track's credit is used up."""
        credit, declared = self._audio[track]
        credit.emitted += 1
        flushes = self._flushes

        def is_wanted() -> bool:
            return self._socket is not None and flushes == self._flushes

        while is_wanted() and not credit.has_room(piece.duration_us):
            self._moved.clear()
            await self._moved.wait()
        if not is_wanted():
            credit.dropped += 1
            return
        seq = credit.departs(piece.duration_us)
        header = messages.Audio(
            track=track,
            seq=seq,
            capture_us=max(0, base_us + piece.offset_us),
            sent_us=self._clock_us(),
            format="s16",
            sample_rate=48_000,
            channels=declared.channels,
            samples=len(piece.samples),
        )
        await self._write(wire.encode(header, piece.samples.astype("<i2", copy=False).tobytes()))

    async def send_state(self, state: messages.ModelState) -> None:
        """Tell where the model stands, now and to every later connection. Does nothing when it is known.

        Nothing follows "ended": a step that was still under way when the model was told to stop must not make it "running"
        again.
        """
        if state != self._state and self._state != "ended":
            self._state = state
            await self._send(messages.Status(state=state))

    async def send(self, message: messages.ModelToHost) -> None:
        """What is neither picture nor sound. Lost while there is no connection."""
        await self._send(message)

    async def send_error(self, error: messages.ModelError) -> None:
        await self._send(error)

    async def send_stats(
        self, steps: int, step_ms: float, convert_ms: float, step_times_ms: list[float]
    ) -> None:
        ring = self.ring
        await self._send(
            messages.ModelStats(
                steps=steps,
                step_ms=step_ms,
                convert_ms=convert_ms,
                tracks=self.counts(),
                step_times_ms=step_times_ms,
                process=process_usage(),
                ring=None if ring is None else messages.RingUsage(ring.slots - ring.free_slots, ring.slots),
            )
        )

    def counts(self) -> list[messages.TrackCounts]:
        """Of every track since the start."""
        credits: dict[str, VideoCredit | AudioCredit] = {
            **self._video,
            **{name: credit for name, (credit, _) in self._audio.items()},
        }
        return [
            messages.TrackCounts(name=each.name, emitted=of.emitted, sent=of.sent, dropped=of.dropped)
            for each in self._hello.tracks
            if (of := credits[each.name])
        ]

    async def settle(self, limit_s: float) -> None:
        """Wait until everything sent is taken and played out, or the time is up."""

        def settled() -> bool:
            return all(each.settled for each in self._video.values()) and all(
                each.settled for each, _ in self._audio.values()
            )

        async def wait() -> None:
            while self._socket is not None and not settled():
                self._moved.clear()
                await self._moved.wait()

        with contextlib.suppress(TimeoutError):
            await _within(limit_s, wait())

    async def close(self) -> None:
        """Say goodbye: what was handed over before is sent first."""
        self._closing = True
        if self._socket is not None:
            await self._socket.close()

    async def _send(self, message: messages.ModelToHost) -> None:
        await self._write(wire.encode(message))

    async def _write(self, data: bytes | memoryview) -> None:
        """Hand over to the socket. A broken connection is noticed, and told, by the one who listens."""
        if self._socket is not None:
            with contextlib.suppress(websockets.ConnectionClosed):
                await self._socket.send(data)


async def _within(limit_s: float, waiting: Coroutine[Any, Any, _Result]) -> _Result:
    """Raises TimeoutError. Unlike asyncio.wait_for before Python 3.12 it never swallows a cancellation."""
    task = asyncio.ensure_future(waiting)
    try:
        await asyncio.wait({task}, timeout=limit_s)
        if not task.done():
            raise TimeoutError(f"no answer within {limit_s:g} s")
        return task.result()
    finally:
        task.cancel()


def _refuse_by_status(error: Exception) -> None:
    """A wrong secret stays wrong: raises ConnectionRefused instead of trying for ever."""
    if isinstance(error, websockets.InvalidStatus) and error.response.status_code in (401, 403):
        raise ConnectionRefused(
            "wrong-secret",
            f"the host refused the secret (HTTP {error.response.status_code})",
            "give the host's secret by --secret or REACTOR_HOST_SECRET",
        ) from error
