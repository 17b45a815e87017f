"""Reads what strangers send in a process of its own, with limits on time and memory.

Feed and HTML parsers hang on some inputs (200,000 attributes, 100,000 items). One child serves all sources, one
question at a time; one that overruns is killed and the next question gets a new one.

The protocol on the pipes: the child says that it is ready; then four bytes of length and msgpack, to and fro.
"""

import contextlib
import os
import resource
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO

import msgspec

from services.crawler.found import Found, Unreadable
from services.crawler.reading import Question, read_source
from shared.contracts.article import Struct
from shared.errors import Unavailable

CPU_SECONDS = 20
WALL_SECONDS = 40.0
START_SECONDS = 60.0
# Address space. The parsers themselves take about 250 MiB of it; a feed of 10 MiB needs some hundred more.
MEMORY = 1024 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_READY = b"ready"
MODULE = "services.crawler.feed_worker"


class Reply(Struct, frozen=True, kw_only=True):
    """What a question came to: what was found, or why it cannot be read."""

    found: Found | None = None
    fault: str = ""


class FeedWorker:
    """Asks the child process. Safe to use from several threads; they take turns."""

    def __init__(
        self,
        *,
        cpu_seconds: int = CPU_SECONDS,
        wall_seconds: float = WALL_SECONDS,
        memory: int = MEMORY,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = (cpu_seconds, memory)
        self._wall = wall_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, question: Question) -> Found:
        """See `services.crawler.reading.read_source`. Raises Unreadable, also for what takes too much.

        Raises Unavailable when the process cannot be started: that is no fault of the content.
        """
        with self._lock:
            child = self._running()
            try:
                reply = self._ask(child, msgspec.msgpack.encode(question))
            except (OSError, EOFError, TimeoutError, msgspec.DecodeError) as e:
                self._kill()
                raise Unreadable(
                    "reading it takes more time or memory than is allowed; nothing was taken from it"
                ) from e
        if reply.found is None:
            raise Unreadable(reply.fault)
        return reply.found

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._kill()

    def _ask(self, child: subprocess.Popen[bytes], packed: bytes) -> Reply:
        to, back = _pipes(child)
        until = self._monotonic() + self._wall
        _write(to.fileno(), _LENGTH.pack(len(packed)) + packed, until, self._monotonic)
        (length,) = _LENGTH.unpack(_read(back.fileno(), _LENGTH.size, until, self._monotonic))
        return msgspec.msgpack.decode(_read(back.fileno(), length, until, self._monotonic), type=Reply)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._kill()
        child = self._child = subprocess.Popen(  # noqa: S603 our own module
            [sys.executable, "-m", MODULE, *map(str, self._limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            # A child of ours must find what we found, wherever we were started.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        to, back = _pipes(child)
        for pipe in (to, back):
            os.set_blocking(pipe.fileno(), False)
        try:
            _read(back.fileno(), len(_READY), time.monotonic() + START_SECONDS, time.monotonic)
        except (OSError, EOFError, TimeoutError) as e:
            self._kill()
            raise Unavailable("the process that reads feeds does not start; its error stands above") from e
        return child

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in _pipes(child):
            with contextlib.suppress(OSError):
                pipe.close()


def _pipes(child: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """To the child and back."""
    if child.stdin is None or child.stdout is None:
        raise OSError("the child was started without pipes")
    return child.stdin, child.stdout


def _write(fd: int, data: bytes, until: float, monotonic: Callable[[], float]) -> None:
    view = memoryview(data)
    while view:
        left = until - monotonic()
        if left <= 0 or not _ready(fd, select.POLLOUT, left):
            raise TimeoutError
        view = view[os.write(fd, view[:65536]) :]


def _read(fd: int, length: int, until: float, monotonic: Callable[[], float]) -> bytes:
    data = bytearray()
    while len(data) < length:
        left = until - monotonic()
        if left <= 0 or not _ready(fd, select.POLLIN, left):
            raise TimeoutError
        piece = os.read(fd, min(length - len(data), 1 << 20))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def _ready(fd: int, what: int, seconds: float) -> bool:
    poll = select.poll()  # select() cannot wait for descriptors above 1023
    poll.register(fd, what)
    return bool(poll.poll(seconds * 1000))


def reply_to(question: Question) -> Reply:
    """The reply to one question; a fault of a parser is one of the content."""
    try:
        return Reply(found=read_source(question))
    except Unreadable as e:
        return Reply(fault=str(e))
    except MemoryError:
        raise
    except Exception as e:
        return Reply(fault=f"it cannot be read ({type(e).__name__}: {' '.join(str(e).split())[:150]})")


def serve(source: IO[bytes], sink: IO[bytes], cpu_seconds: int) -> None:
    """Answer questions until the other side hangs up. Runs in the child."""
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        question = msgspec.msgpack.decode(source.read(_LENGTH.unpack(head)[0]), type=Question)
        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        # The limit counts from the birth of the process: move it on with every question.
        soft = int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        packed = msgspec.msgpack.encode(reply_to(question))
        sink.write(_LENGTH.pack(len(packed)) + packed)
        sink.flush()


def main() -> None:
    """The child process."""
    cpu_seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()
    # What a parser complains about while it runs is of no use to anybody.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    serve(sys.stdin.buffer, sys.stdout.buffer, cpu_seconds)


if __name__ == "__main__":
    main()
