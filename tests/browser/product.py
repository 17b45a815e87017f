"""The product as it is started by hand: `./run`, its lines as they come, and its end by Ctrl-C."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from tests.conftest import ROOT


@dataclass
class Started:
    """`./run` as a newcomer sees it."""

    process: "subprocess.Popen[str]"
    lines: SimpleQueue[str] = field(default_factory=SimpleQueue)
    said: list[str] = field(default_factory=list)

    def wait_for(self, pattern: str, within: float) -> re.Match[str]:
        """The first line, from here on, that holds the pattern."""
        until = time.monotonic() + within
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, until - time.monotonic()))
            except Empty:
                raise AssertionError(f"nothing like {pattern!r} within {within} s: {self.said}") from None
            self.said.append(line)
            if found := re.search(pattern, line):
                return found


@contextmanager
def started(data: Path, settings: Mapping[str, str] | None = None) -> Iterator[Started]:
    """`./run`, between `with` and Ctrl-C. Receivers on this machine may be told; no real site is asked."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HERITAGE_WIRE_")}
    ours = {"HERITAGE_WIRE_ALLOW_NETWORKS": "127.0.0.1/32", "HERITAGE_WIRE_CATALOGUE": "false"}
    process = subprocess.Popen(
        [ROOT / "run", "up", "--port", "0", "--data", data],
        env={**clean, **ours, **(settings or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Started(process)

    def read() -> None:
        for line in process.stdout or ():
            running.lines.put(line)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        reader.join()
        if process.stdout:
            process.stdout.close()
