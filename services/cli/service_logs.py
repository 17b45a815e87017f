"""What services warn of in their logs, for the terminal of whoever started them."""

import re
from dataclasses import dataclass, field
from pathlib import Path

# A line of a log that warns, or the last line of a service that could not start.
_WARNING = re.compile(r"^(?:\S+ \S+ (?:WARNING|ERROR|CRITICAL) |Error: )(.+)$", re.MULTILINE)
_WAITS = re.compile(r"\S+ waits(?: and tries again by itself)?: (.+)")
_GOES_ON = re.compile(r"\S+ goes on: ")
_AT_A_TIME = 2**20  # bytes of a log


@dataclass(slots=True)
class _Log:
    name: str
    path: Path
    at: int
    last: str = ""

    def new(self) -> list[str]:
        """The warnings since the last call; one that follows itself is told once."""
        with self.path.open("rb") as log:
            log.seek(self.at)
            data = log.read(_AT_A_TIME)
        whole = data if len(data) == _AT_A_TIME else data[: data.rfind(b"\n") + 1]
        self.at += len(whole)
        told = []
        for found in _WARNING.findall(whole.decode("utf-8", "replace")):
            if found != self.last:
                told.append(
                    found if _WAITS.match(found) or _GOES_ON.match(found) else f"{self.name}: {found}"
                )
            self.last = found
        return told


@dataclass(slots=True)
class Warnings:
    """The warnings of several services. What all of them wait for, or what is there again, is told by the first alone."""

    _logs: list[_Log] = field(default_factory=list)
    _waited_for: set[str] = field(default_factory=set)

    def listen(self, name: str, log: Path) -> None:
        """Tell of this service too, from what it writes from now on."""
        self._logs.append(_Log(name, log, log.stat().st_size))

    def new(self) -> list[str]:
        """The warnings since the last call, one line each."""
        told = []
        for line in (line for log in self._logs for line in log.new()):
            if waits := _WAITS.match(line):
                if waits[1] in self._waited_for:
                    continue
                self._waited_for.add(waits[1])
            elif _GOES_ON.match(line):
                if not self._waited_for:
                    continue
                self._waited_for.clear()
            told.append(line)
        return told
