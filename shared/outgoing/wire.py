"""The wire of one exchange: a connected socket on which every wait ends at one deadline and every byte is counted."""

import io
import socket
from collections.abc import Callable
from typing import Any

from shared.outgoing.answer import Limits
from shared.outgoing.errors import TimedOut, TooLarge


class Deadline:
    """The moment at which everything about one request is over. `clock` gives seconds that never go back."""

    def __init__(self, host: str, seconds: float, clock: Callable[[], float]) -> None:
        self.host, self._seconds, self._clock = host, seconds, clock
        self._started = clock()

    def left(self, doing: str) -> float:
        """Seconds that are left, more than none. Raises TimedOut, saying what was being done."""
        seconds = self._seconds - self.passed()
        if seconds <= 0:
            raise self.over(doing)
        return seconds

    def passed(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._started

    def over(self, doing: str) -> TimedOut:
        """The error to raise when time is up."""
        return TimedOut(
            f"{self.host} took longer than {self._seconds:g} s in all: gave up {doing}", self.host
        )


class Wire:
    """What `http.client` needs of a socket. That wants to close it with the answer still unread, so it cannot."""

    def __init__(self, sock: socket.socket, deadline: Deadline, limits: Limits) -> None:
        self._sock, self._deadline, self._limits = sock, deadline, limits
        self._received = 0
        self._most = min(limits.header_bytes, limits.wire_bytes)
        self._part, self._in_body = "headers", False

    def sendall(self, data: bytes) -> None:
        """Send everything before the deadline."""
        view = memoryview(data)
        while view:
            self._sock.settimeout(self._deadline.left("while the request was sent"))
            try:
                view = view[self._sock.send(view[: 64 * 1024]) :]
            except TimeoutError as fault:
                raise self._deadline.over("while the request was sent") from fault

    def makefile(self, *_args: Any, **_named: Any) -> io.BufferedReader:
        """What is received, as a file."""
        return io.BufferedReader(_Received(self))

    def body_begins(self) -> None:
        """From now on the limit is that of the whole answer, no longer that of its headers. Raises TooLarge."""
        self._most, self._part, self._in_body = self._limits.wire_bytes, "body", True
        self._refuse_more()

    def receive_into(self, buffer: memoryview) -> int:
        """Receive at least a byte unless the other side is done. Raises TimedOut, TooLarge."""
        if not self._in_body:
            # Part of the body may have come with the headers: they are too large when more is wanted for them.
            self._refuse_more()
        doing = f"while its {self._part} came in"
        self._sock.settimeout(self._deadline.left(doing))
        try:
            # One byte more than there is room for: it tells "exactly as much" from "too much".
            count = self._sock.recv_into(buffer[: self._most - self._received + 1])
        except TimeoutError as fault:
            raise self._deadline.over(doing) from fault
        self._received += count
        if self._in_body:
            self._refuse_more()
        return count

    def _refuse_more(self) -> None:
        if self._received > self._most:
            host, part = self._deadline.host, "whole answer" if self._in_body else "headers"
            raise TooLarge(f"{host} sends more than {self._most} bytes ({part})", host)

    def settimeout(self, _seconds: float | None) -> None:
        """Nothing: the deadline rules."""

    def close(self) -> None:
        """Nothing: whoever opened the socket closes it."""


class _Received(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._wire.receive_into(memoryview(buffer))
