"""Starts the nursery, has it fork workers and tell how they ended. Safe to use from several threads."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from shared.errors import Unavailable
from shared.workers.framing import receive, send
from shared.workers.jobs import Answer
from shared.workers.limits import Limits

NURSERY = "shared.workers.nursery"
START_SECONDS = 120.0
# Bytes that a connection takes in while nobody reads.
AHEAD = 64 * 1024
_LONGEST_LINE = 4096


class Gone(Exception):
    """The worker gave no answer. `began`: it had the whole question; `stood_still`: it lives and does not answer."""

    def __init__(self, *, began: bool = False, stood_still: bool = False) -> None:
        super().__init__()
        self.began = began
        self.stood_still = stood_still


@dataclass(slots=True)
class Worker:
    """A worker process and our end of the connection to it.

    `fresh` until it has answered once; `given_ahead` while it has a question whose answer was not asked for yet.
    """

    pid: int
    nursery: "Nursery"
    connection: socket.socket
    fresh: bool = True
    given_ahead: bool = False

    def ask(
        self, frame: bytes, following: bytes | None, limits: Limits, monotonic: Callable[[], float]
    ) -> Answer:
        """Its answer to one question. Raises Gone.

        The `following` question, which the next call must ask, is given it beforehand if it is small: the connection
        takes it in while the worker works, so that neither waits for the other.
        """
        until = monotonic() + limits.wall_seconds

        def left() -> float:
            if (seconds := until - monotonic()) <= 0:
                raise TimeoutError
            return seconds

        began = self.given_ahead
        try:
            if not self.given_ahead:
                send(self.connection, frame, left)
            began, self.given_ahead = True, False
            if following and len(following) <= AHEAD:
                send(self.connection, following, left)
                self.given_ahead = True
            packed = receive(self.connection, limits.answer + _LONGEST_LINE, left)
            self.fresh = False
            return msgspec.msgpack.decode(packed, type=Answer)
        except TimeoutError as e:
            raise Gone(stood_still=True) from e
        except (OSError, EOFError, msgspec.DecodeError) as e:
            raise Gone(began=began) from e


@dataclass(slots=True)
class Nursery:
    """The process that forks workers and the socket it is asked by."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    ready: bool = False

    def told(self) -> str:
        """The next line it says. Raises OSError when it has gone."""
        line = self.control.recv(_LONGEST_LINE)
        if not line:
            raise BrokenPipeError
        return line.decode(errors="replace")

    def end(self) -> None:
        """End it; its workers end with it."""
        self.control.close()
        self.process.kill()
        self.process.wait()


@dataclass(slots=True)
class Keeper:
    """Keeps one nursery running."""

    jobs: str
    limits: Limits
    _nursery: Nursery | None = None
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Start the nursery, and do not wait for it."""
        with self._lock:
            self._begin()

    def fork(self) -> Worker:
        """A new worker. Raises Unavailable when none can be had."""
        with self._lock:
            for _ in range(2):
                nursery = self._running()
                ours, theirs = socket.socketpair()
                with theirs:
                    try:
                        socket.send_fds(nursery.control, [b"fork"], [theirs.fileno()])
                        return Worker(int(nursery.told()), nursery, ours)
                    except (OSError, ValueError):
                        # Somebody killed it, or its memory ran out.
                        ours.close()
                        self._drop()
            raise Unavailable("the process that starts workers ends as soon as it has begun")

    def end(self, worker: Worker) -> int | None:
        """End a worker if it lives. Returns its exit code (a signal's number, negative), None when nobody knows."""
        worker.connection.close()
        with self._lock:
            nursery = worker.nursery
            if nursery is not self._nursery:
                return None
            # The nursery has not reaped it yet: the number is still its own.
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
            try:
                nursery.control.sendall(f"end {worker.pid}".encode())
                return int(nursery.told())
            except (OSError, ValueError):
                self._drop()
                return None

    def close(self) -> None:
        """End the nursery and all workers."""
        with self._lock:
            self._closed = True
            self._drop()

    def _running(self) -> Nursery:
        nursery = self._begin()
        if nursery.ready:
            return nursery
        try:
            nursery.control.settimeout(START_SECONDS)
            told = nursery.told()
            nursery.control.settimeout(None)
        except OSError as e:
            told = "it ended" if not isinstance(e, TimeoutError) else f"not ready after {START_SECONDS:.0f} s"
        if told != "ready":
            self._drop()
            raise Unavailable(
                f"the process that starts workers does not start: {told.removeprefix('failed ')}"
            )
        nursery.ready = True
        return nursery

    def _begin(self) -> Nursery:
        if self._closed:
            raise Unavailable("the workers have been closed")
        if self._nursery is None:
            ours, theirs = socket.socketpair()
            limits = msgspec.json.encode(self.limits).decode()
            with theirs:
                process = subprocess.Popen(  # noqa: S603 our own module
                    [sys.executable, "-m", NURSERY, str(theirs.fileno()), self.jobs, limits],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={
                        **os.environ,
                        # A child of ours must find what we found, wherever we were started.
                        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                        # The order of sets must not differ from run to run; what an attacker gains, the limits take.
                        "PYTHONHASHSEED": "0",
                        # Threads do not survive a fork.
                        "OPENBLAS_NUM_THREADS": "1",
                    },
                )
            self._nursery = Nursery(process, ours)
        return self._nursery

    def _drop(self) -> None:
        nursery, self._nursery = self._nursery, None
        if nursery:
            nursery.end()
