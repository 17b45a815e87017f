"""Child processes on a bus as a test sees them: started, listened to, stopped or killed."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from shared.bus.port import Partition
from tests.contract.bus_child import Job
from tests.contract.bus_engines import ENGINES
from tests.waiting import wait_until

_REPOSITORY = Path(__file__).parents[2]


class Seen(NamedTuple):
    """A record as a child told it."""

    topic: str
    partition: int
    offset: int
    key: str
    value: str


class Child:
    """A running job. Used in a `with`, at whose end it is dead."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.events: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.bus_child", job.as_json()],
            cwd=_REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def kill(self) -> None:
        """SIGKILL, and what it had told by then is in `events`."""
        self._process.kill()
        self._end()

    def stop(self) -> None:
        """Let it finish what it does and leave; it must end well."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(ENGINES[self.job.engine].patience) == 0
        self._end()

    def records(self) -> list[Seen]:
        """What it has been given, in that order."""
        return [Seen(*record) for event in self._of("records") for record in event["records"]]

    def acked(self) -> int:
        """The number before which all of its records are acknowledged."""
        return max((event["upto"] for event in self._of("acked")), default=self.job.start)

    def committed(self) -> dict[Partition, int]:
        """The offset it committed last, per partition."""
        rows = (row for event in self._of("committed") for row in event["offsets"])
        return {Partition(topic, number): offset for topic, number, offset in rows}

    def holds(self) -> frozenset[Partition]:
        """The partitions it has been given and not given back."""
        held: set[Partition] = set()
        for kind, partitions, _ in self.turns():
            held = held | partitions if kind == "assigned" else held - partitions
        return frozenset(held)

    def turns(self) -> Iterator[tuple[str, frozenset[Partition], int]]:
        """What came and went: the event, its partitions, and when."""
        for event in self.events.copy():
            if event["event"] in ("assigned", "revoked", "lost"):
                yield event["event"], frozenset(Partition(*p) for p in event["partitions"]), event["at"]

    def wait(self, event: str) -> None:
        """Until it has told of this."""
        wait_until(lambda: bool(list(self._of(event))), self._patience, f"{self.job.role} tells {event!r}")

    def wait_for_acked(self, number: int) -> None:
        """Until all of its records before this number are acknowledged."""
        wait_until(lambda: self.acked() >= number, self._patience, f"the producer writes {number}")

    def wait_for_records(self, count: int) -> None:
        """Until it has been given so many, those that came again among them."""
        wait_until(lambda: len(self.records()) >= count, self._patience, f"the consumer reads {count}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._end()

    @property
    def _patience(self) -> float:
        return ENGINES[self.job.engine].patience

    def _of(self, kind: str) -> Iterator[dict[str, Any]]:
        return (event for event in self.events.copy() if event["event"] == kind)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):  # a kill may cut the last one short
                self.events.append(json.loads(line))

    def _end(self) -> None:
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()
