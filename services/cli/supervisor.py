"""The services as processes of their own: started, watched, started again when they die, stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from uuid import uuid4

from services.cli.service_logs import Warnings

LONGEST_WAIT = 10.0
# A process that ran this long had started well: the wait before its next start begins anew.
HEALTHY_AFTER = 20.0


@dataclass(slots=True)
class Child:
    """One service process and how often it was started."""

    name: str
    process: subprocess.Popen[bytes]
    started: float
    starts: int = 1
    start_again_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Keeps the named services running. Each writes to `logs/NAME.log` in the data folder.

    A child also ends by itself when we do, however we end: it notices that its standard input is closed.
    """

    data: Path
    names: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_within: float = 25.0
    _instance: str = field(default_factory=lambda: uuid4().hex)
    _children: dict[str, Child] = field(default_factory=dict)
    _logs: dict[str, IO[bytes]] = field(default_factory=dict)
    _warnings: Warnings = field(default_factory=Warnings)

    def __enter__(self) -> Self:
        for name in self.names:
            self._children[name] = Child(name, self._start(name), time.monotonic())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def watch(self) -> list[str]:
        """Start again what has died, with growing waits. Returns a line for each death and each warning in the logs."""
        now = time.monotonic()
        told = self._warnings.new()
        for child in self._children.values():
            code = child.process.poll()
            if code is None:
                continue
            if child.start_again_at is None:
                if now - child.started > HEALTHY_AFTER:
                    child.starts = 1
                wait = min(LONGEST_WAIT, 0.1 * 2 ** (child.starts - 1))
                child.start_again_at = now + wait
                told.append(
                    f"{child.name} ended ({ending(code)}), starts again; see {self.log_of(child.name)}"
                )
            if now >= child.start_again_at:
                _let_go(child.process)
                child.process, child.started = self._start(child.name), now
                child.starts, child.start_again_at = child.starts + 1, None
        return told

    def pid(self, name: str) -> int:
        """The process id of a service, as of its last start."""
        return self._children[name].process.pid

    def runs(self, name: str) -> bool:
        """Whether a service's process is alive."""
        return self._children[name].process.poll() is None

    def log_of(self, name: str) -> Path:
        """Where a service writes what it has to say."""
        return self.data / "logs" / f"{name}.log"

    def stop(self) -> None:
        """Ask all to finish their batch and end; end by force what takes longer than `stop_within` seconds."""
        for child in self._children.values():
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.stop_within
        for child in self._children.values():
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            _let_go(child.process)
        self._children.clear()
        for log in self._logs.values():
            log.close()
        self._logs.clear()

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        if name not in self._logs:
            path = self.log_of(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._logs[name] = path.open("ab")
            self._warnings.listen(name, path)
        environment = {
            **os.environ,
            "HERITAGE_WIRE_DATA": str(self.data),
            # The same after a restart, and nobody else's: on Kafka its partitions wait for it.
            "HERITAGE_WIRE_INSTANCE": f"{name}-{self._instance}",
            **self.environment,
        }
        return subprocess.Popen(  # noqa: S603 (our own program, our own arguments)
            [sys.executable, "-m", "services.cli.main", name, "--with-parent"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=self._logs[name],
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop the children in order
        )


def _let_go(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()


def ending(code: int) -> str:
    """How a process ended, in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
