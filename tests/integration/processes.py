"""The product's commands as processes, with settings as people give them: by the environment."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.cluster_mistakes import Variables

COMMAND = [sys.executable, "-m", "services.cli.main"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a command printed, how it ended, and after how many seconds."""

    code: int
    out: str
    err: str
    seconds: float


def environment(settings: Variables) -> dict[str, str]:
    """Ours, with these settings of the product and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HERITAGE_WIRE_")}
    return kept | {f"HERITAGE_WIRE_{name}": value for name, value in settings.items()}


def heritage(*arguments: str | Path, settings: Variables) -> Told:
    started = time.monotonic()
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Told(done.returncode, done.stdout, done.stderr, time.monotonic() - started)


class Service:
    """A service that runs, with what it writes to standard error."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def line(self) -> str:
        """The next line."""
        assert self._process.stderr is not None
        return self._process.stderr.readline()

    def end(self) -> tuple[int, str]:
        """Ask it to stop; its exit code, and what it wrote that was not read yet."""
        self._process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """The same, when it ends by itself."""
        assert self._process.stderr is not None
        rest = self._process.stderr.read()
        return self._process.wait(), rest


@contextmanager
def served(name: str, settings: Variables) -> Iterator[Service]:
    process = subprocess.Popen(
        [*COMMAND, name],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = threading.Timer(90, process.kill)  # reading from it must come to an end
    deadline.start()
    try:
        yield Service(process)
    finally:
        deadline.cancel()
        process.kill()
        process.communicate()


def health(port: str) -> str:
    """What a service says of whether it works."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as e:
        with e:
            return e.read().decode()
