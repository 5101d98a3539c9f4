"""Flow control by the host's credit: what may be sent now. Pure bookkeeping, without clock or socket."""

from __future__ import annotations

from collections import deque

from .picture import Picture


class VideoCredit:
    """One video track: at most `window` pictures sent and not acknowledged, at most one waiting, the newest wins."""

    def __init__(self) -> None:
        self.window = 0
        self.emitted = 0
        self.sent = 0
        self.dropped = 0
        self._next_seq = 0
        self._in_flight: deque[tuple[int, Picture]] = deque()
        self._waiting: Picture | None = None
        self._newest: Picture | None = None

    def connected(self, window: int) -> None:
        """A new connection: nothing is on the way. The newest picture is kept for `refresh`."""
        self.disconnected()
        self.window = window

    def disconnected(self) -> None:
        """Nothing will be acknowledged any more; what was on the way may be lost."""
        self.window = 0
        while self._in_flight:
            self._in_flight.popleft()[1].release()
        if self._waiting is not None:
            self._drop_waiting()

    def offer(self, picture: Picture) -> Picture | None:
        """A new picture. Returns what is to be sent now, if anything. Takes over the maker's need of it."""
        self.emitted += 1
        if self._newest is not None:
            self._newest.release()
        self._newest = picture
        if self.window == 0:
            self.dropped += 1
            return None
        if self._waiting is not None:
            self._drop_waiting()
        if len(self._in_flight) < self.window:
            return picture
        self._waiting = picture.retain()
        return None

    def refresh(self) -> Picture | None:
        """The newest picture, to be sent again. None when there is none, or when it is about to be sent anyway."""
        if self._newest is None or self._waiting is not None or len(self._in_flight) >= self.window:
            return None
        return self._newest

    def departs(self, picture: Picture) -> int:
        """The picture is being sent: its `seq`."""
        seq = self._next_seq
        self._next_seq += 1
        self.sent += 1
        self._in_flight.append((seq, picture.retain()))
        return seq

    def acknowledged(self, seq: int) -> Picture | None:
        """Everything up to `seq` is taken. Returns what is to be sent now, if anything; the caller releases it."""
        while self._in_flight and self._in_flight[0][0] <= seq:
            self._in_flight.popleft()[1].release()
        if self._waiting is None or len(self._in_flight) >= self.window:
            return None
        picture, self._waiting = self._waiting, None
        return picture

    def replace_newest(self, old: Picture, new: Picture) -> None:
        """The picture was moved into the ring: keep that copy for `refresh`."""
        if self._newest is old:
            self._newest = new.retain()
            old.release()

    @property
    def settled(self) -> bool:
        """Nothing is on the way or waiting."""
        return not self._in_flight and self._waiting is None

    def _drop_waiting(self) -> None:
        assert self._waiting is not None
        self._waiting.release()
        self._waiting = None
        self.dropped += 1


class AudioCredit:
    """One audio track: at most `window_us` of sound sent and not yet played out; then the model waits."""

    def __init__(self) -> None:
        self.window_us = 0
        self.emitted = 0
        self.sent = 0
        self.dropped = 0
        self._next_seq = 0
        self._in_flight: deque[tuple[int, int]] = deque()
        self._in_flight_us = 0

    def connected(self, window_us: int) -> None:
        self.disconnected()
        self.window_us = window_us

    def disconnected(self) -> None:
        self.window_us = 0
        self._in_flight.clear()
        self._in_flight_us = 0

    def has_room(self, duration_us: int) -> bool:
        """Whether a piece may be sent. One is always allowed, however long."""
        return not self._in_flight or self._in_flight_us + duration_us <= self.window_us

    def departs(self, duration_us: int) -> int:
        """A piece is being sent: its `seq`."""
        seq = self._next_seq
        self._next_seq += 1
        self.sent += 1
        self._in_flight.append((seq, duration_us))
        self._in_flight_us += duration_us
        return seq

    def acknowledged(self, seq: int) -> None:
        """Everything up to `seq` is played out."""
        while self._in_flight and self._in_flight[0][0] <= seq:
            self._in_flight_us -= self._in_flight.popleft()[1]

    @property
    def settled(self) -> bool:
        return not self._in_flight
