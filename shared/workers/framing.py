"""Frames on a stream socket: four bytes of length, then so many bytes."""

import socket
import struct
from collections.abc import Callable

_LENGTH = struct.Struct(">I")

# Asked before every wait for the other side: the seconds left; it raises TimeoutError when there are none.
Left = Callable[[], float | None]


def no_end() -> None:
    """Wait for as long as it takes."""


def send(to: socket.socket, frame: bytes, left: Left = no_end) -> None:
    """Write one frame. Raises OSError (BrokenPipeError, TimeoutError) when the other side does not take it."""
    view = memoryview(_LENGTH.pack(len(frame)) + frame)
    while view:
        to.settimeout(left())
        view = view[to.send(view) :]


def receive(at: socket.socket, most: int, left: Left = no_end) -> bytes:
    """Read one frame. Raises EOFError at the end of the stream, OSError for what is broken or above `most` bytes."""
    (length,) = _LENGTH.unpack(_exactly(at, _LENGTH.size, left))
    if length > most:
        raise OSError(f"a frame of {length} bytes; at most {most} are read")
    return bytes(_exactly(at, length, left))


def _exactly(at: socket.socket, length: int, left: Left) -> bytearray:
    data = bytearray(length)
    view = memoryview(data)
    while view:
        at.settimeout(left())
        got = at.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]
    return data
