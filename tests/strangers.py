"""Servers on this machine that are not what somebody takes them for: silent, gone, old, or of another kind."""

import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from threading import Thread

# As a broker of Kafka 2.0 says what it understands: members cannot be taken out of a group yet.
OLD_KAFKA = struct.pack(">ihi", 1, 0, 2) + struct.pack(">hhh", 18, 0, 2) + struct.pack(">hhh", 13, 0, 2)


@contextmanager
def silent() -> Iterator[str]:
    """The address of one that takes connections and says nothing, as a server does that is starting."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield _address(listener)


@contextmanager
def turned_off() -> Iterator[str]:
    """The address of one that does not even take connections, as a machine that is off: its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        yield _address(listener)


@contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """The address of one that answers whatever it hears with these bytes, and hangs up."""

    def serve() -> None:
        while True:
            try:
                with listener.accept()[0] as wire:
                    wire.recv(65536)
                    wire.sendall(answer)
            except ConnectionError:
                continue
            except OSError:  # closed
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve)
        thread.start()
        try:
            yield _address(listener)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@dataclass(slots=True)
class Late:
    """A server that hangs up on everybody until it is there."""

    address: str
    is_there: bool = False
    turned_away: int = 0


@contextmanager
def late(address: str) -> Iterator[Late]:
    """One that passes everything on to the server at `address`, once it is there."""
    host, _, port = address.rpartition(":")

    def serve() -> None:
        with ThreadPoolExecutor() as pool:
            while True:
                try:
                    wire = listener.accept()[0]
                except OSError:  # closed
                    return
                if server.is_there:
                    beyond = socket.create_connection((host, int(port)))
                    pool.submit(_pass_on, wire, beyond)
                    pool.submit(_pass_on, beyond, wire)
                else:
                    server.turned_away += 1
                    wire.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Late(_address(listener))
        thread = Thread(target=serve)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """All that one says, until it hangs up."""
    with one, suppress(OSError):
        while heard := one.recv(65536):
            other.sendall(heard)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


def framed(answer: bytes) -> bytes:
    """An answer as Kafka sends it, its length before it."""
    return struct.pack(">i", len(answer)) + answer


def free_address() -> str:
    """The address of nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return _address(taken)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"{host}:{port}"
