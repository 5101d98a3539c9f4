"""From one output of the model to messages on their way: check, stamp, convert, pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .audio import AudioConverter, Piece
from .clock import ClockUs, sleep_until
from .errors import TrackError
from .event_loop import run_on
from .frames import Rgb, Size, check_video
from .idle import Idle
from .lane import Lane
from .messages import Message
from .model_spec import ModelSpec
from .model_thread import ModelThread
from .output import AudioOptions, Output, missing_track, track_fields
from .pacing import Departure, Pacer
from .picture import Picture
from .timing import StepTimes
from .track_payload import TrackPayload, metadata_message
from .transport import HostLink


@dataclass
class Step:
    """One checked output. The first picture of each track is converted, the others of a batch are not yet."""

    captured_us: int
    first: list[tuple[str, Picture]] = field(default_factory=list)
    rest: list[tuple[str, list[Rgb]]] = field(default_factory=list)
    sound: list[tuple[str, Piece]] = field(default_factory=list)
    sound_us: int = 0
    told: list[Message] = field(default_factory=list)

    @property
    def pictures(self) -> int:
        """The most pictures on any track."""
        if not self.first:
            return 0
        return 1 + max((len(pictures) for _, pictures in self.rest), default=0)

    @property
    def is_empty(self) -> bool:
        return not self.first and not self.sound


class Emitter:
    """Sends a model's outputs. `prepare` runs in the model's thread, `publish` on the event loop."""

    def __init__(
        self,
        spec: ModelSpec,
        link: HostLink,
        thread: ModelThread,
        times: StepTimes,
        clock_us: ClockUs,
        tell: Callable[[Message], object],
    ) -> None:
        """`tell` sends what is said of pictures."""
        self._spec = spec
        self._link = link
        self._thread = thread
        self._times = times
        self._clock_us = clock_us
        self._tell = tell
        self._sound = {
            name: AudioConverter(name, each.options)
            for name, each in spec.fields.items()
            if isinstance(each.options, AudioOptions)
        }
        self._pacer: Pacer | None = None
        # What leaves later. Two lanes: pictures do not wait for a listener to take sound.
        self._pictures: Lane[tuple[str, Picture]] = Lane(self._send_picture, clock_us)
        self._pieces: Lane[tuple[str, Piece]] = Lane(self._send_piece, clock_us)
        self.last_publish_us: int | None = None
        self._sizes: dict[str, Size] = {}
        self._loop = asyncio.get_running_loop()
        self._cut = asyncio.Event()

    def begin(self) -> None:
        """The first step begins now."""
        self._pacer = Pacer(self._spec.fps, self._clock_us())

    def prepare(self, output: Any, captured_us: int) -> Step:
        """Check one output and convert what leaves first. The output's arrays are still needed by `publish`.

        Errors: VideoError, AudioError, TrackError.
        """
        started_us = self._clock_us()
        step = Step(captured_us)
        if output is None or output is Idle:
            return step
        self._check_tracks(output)
        for name, declared in self._spec.fields.items():
            value = getattr(output, name, None)
            if value is None:
                if not declared.optional:
                    raise missing_track(type(output).__name__, name)
                if name in self._sound:
                    step.sound += [(name, piece) for piece in self._sound[name].skip(captured_us)]
            elif declared.kind == "video":
                payload = value if isinstance(value, TrackPayload) else TrackPayload(value)
                pictures = check_video(name, payload.data)
                if payload.metadata is not None:
                    step.told.append(metadata_message(name, payload.metadata, len(pictures)))
                step.first.append((name, Picture.of(pictures[0], self._link.ring, self._link.pool)))
                if len(pictures) > 1:
                    step.rest.append((name, pictures[1:]))
            else:
                pieces, duration_us = self._sound[name].convert(value, captured_us)
                step.sound += [(name, piece) for piece in pieces]
                step.sound_us = max(step.sound_us, duration_us)
        self._times.converted(self._clock_us() - started_us)
        return step

    def _check_tracks(self, output: Any) -> None:
        if not isinstance(output, Output):
            raise TrackError(
                "not-an-output",
                f"{self._spec.name}.{self._spec.step_name}: got {type(output).__name__}, expected {self._spec.output.__name__}",
                f"give {self._spec.output.__name__}({', '.join(f'{name}=...' for name in self._spec.fields)})",
            )
        if type(output) is self._spec.output:
            return
        for name in track_fields(type(output)):
            if name not in self._spec.fields:
                raise TrackError(
                    "unknown-track",
                    f"{type(output).__name__}.{name} was not announced; the tracks are {', '.join(self._spec.fields)}",
                    f"give {self._spec.output.__name__}, or set `output = {type(output).__name__}` in the model",
                )

    async def publish(self, step: Step, free: Callable[[], None] = lambda: None) -> None:
        """Send it; returns when the next step may begin. `free` is called when the output's arrays may be used again."""
        assert self._pacer is not None
        self._cut.clear()
        if not step.rest:
            free()
        if not step.is_empty:
            for message in step.told:
                self._tell(message)
            self.last_publish_us = now_us = self._clock_us()
            departure = self._pacer.arrive(step.captured_us, step.pictures, now_us)
            if departure.hurry is not None:
                self._pictures.hurry(departure.hurry)
                self._pieces.hurry(departure.hurry)
            await self._depart(step, departure, free, waits=departure.start_us > now_us)
        else:
            self._pacer.pause()
        if not self._cut.is_set():
            await sleep_until(self._next_us(step), self._clock_us, self._cut)

    def flush(self, hold: bool) -> None:
        """Nothing of what was published so far is to be seen or heard from now on. `hold`: without a black picture. Any thread."""
        # Before what the same thread converts next.
        for converter in self._sound.values():
            converter.cut()
        run_on(self._loop, self._flush, hold)

    def _flush(self, hold: bool) -> None:
        now_us = self._clock_us()
        for _, picture in self._pictures.clear():
            picture.release()
        self._pieces.clear()
        self._link.flush_audio()
        if self._pacer is not None:
            self._pacer.cut(now_us)
        self._cut.set()
        if hold:
            return
        for name, size in self._sizes.items():
            self._pictures.put(now_us, (name, Picture.black(size, self._link.pool)))

    def skip(self, step: Step | None) -> int:
        """A step has nothing to show, or was refused (None): the moment, in microseconds, when to ask again."""
        assert self._pacer is not None
        self._pacer.pause()
        return self._next_us(step or Step(0))

    def _next_us(self, step: Step) -> int:
        assert self._pacer is not None
        return self._pacer.release_us(self._clock_us(), self._pacer.advance_us(step.pictures, step.sound_us))

    def pause(self) -> None:
        """The model has yielded nothing for a while, and that is not because a step takes so long."""
        if self._pacer is not None:
            self._pacer.pause()

    async def _depart(self, step: Step, departure: Departure, free: Callable[[], None], waits: bool) -> None:
        """`waits`: the batch before is not through yet. The pacer keeps what waits shorter than a batch."""
        if waits:
            for name, picture in step.first:
                self._pictures.put(departure.start_us, (name, picture))
        else:
            await self._pictures.drained()
            for name, picture in step.first:
                if self._cut.is_set():
                    picture.release()
                else:
                    await self._send_picture(departure.start_us, (name, picture))
            self._put_sound(step, departure)
        if step.rest:
            for leave_us, each in await self._thread.call(lambda: self._convert_rest(step, departure)):
                if self._cut.is_set():
                    each[1].release()
                else:
                    self._pictures.put(leave_us, each)
            free()
        # The model waits while a track of sound is full: for its own sound, or where that is not due yet for the one before.
        await self._pieces.drained()
        if waits:
            self._put_sound(step, departure)

    async def finish(self) -> None:
        """The model has ended: the last batch is sent to its end, and what the resamplers hold."""
        await self._pictures.drained()
        await self._pieces.drained()
        now_us = self._clock_us()
        for name, converter in self._sound.items():
            for piece in converter.finish():
                await self._link.send_audio(name, piece, now_us)

    def cancel(self) -> None:
        """Send nothing more."""
        self._pictures.cancel()
        self._pieces.cancel()

    async def _send_picture(self, leave_us: int, named: tuple[str, Picture]) -> None:
        name, picture = named
        picture.capture_us = leave_us
        self._sizes[name] = picture.size
        await self._link.send_video(name, picture)

    async def _send_piece(self, leave_us: int, named: tuple[str, Piece]) -> None:
        name, piece = named
        await self._link.send_audio(name, piece, leave_us)

    def _put_sound(self, step: Step, departure: Departure) -> None:
        if self._cut.is_set():
            return
        for each in step.sound:
            self._pieces.put(departure.start_us, each)

    def _convert_rest(self, step: Step, departure: Departure) -> list[tuple[int, tuple[str, Picture]]]:
        """The other pictures of a batch, each with its moment, in the order they leave.

        They are converted now, because the model may use its array for the next batch; and into buffers of ours, not
        slots: those are few, and a batch waits long.
        """
        started_us = self._clock_us()
        pictures = []
        for name, batch in step.rest:
            for index, rgb in enumerate(batch, start=1):
                picture = Picture.of(rgb, None, self._link.pool)
                pictures.append((departure.leave_us(index, len(batch) + 1), (name, picture)))
        self._times.converted(self._clock_us() - started_us)
        return sorted(pictures, key=lambda each: each[0])
