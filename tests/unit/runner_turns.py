"""A runner on the embedded engines that a test drives turn by turn, with a clock that the test moves."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.bus.port import Bus
from shared.contracts.messages import FetchRequest, Source, StepOutcome
from shared.contracts.wire import Outgoing, Received, decode, encode, new_traceparent
from shared.observability.metrics import Metrics
from shared.runner.runner import Runner, RunnerSettings
from shared.runner.service import Handled, Service, each
from shared.runner.settle import Retries
from shared.store.port import Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()


def request(number: int) -> FetchRequest:
    source = Source(id="s", kind="folder", path=".")
    return FetchRequest(kind="page", source=source, url=f"file:///{number}", requested_at=START)


def send(bus: Bus, count: int, *, mode: Any = "live", topic: str = "fetch-requests") -> None:
    producer = bus.producer()
    producer.produce(
        [
            encode(
                Outgoing(topic, f"host{n % 5}", request(n)),
                message_id=f"m{n}",
                traceparent=new_traceparent(),
                mode=mode,
            )
            for n in range(count)
        ]
    )
    producer.close()


class Turns:
    """A runner that a test drives turn by turn."""

    def __init__(self, service: Service, bus: Bus, store: Store, clock: Clock, **options: Any) -> None:
        options = {"batch": 8, "retries": Retries(3, timedelta(seconds=10)), "poll_seconds": 0.01, **options}
        self.metrics = Metrics()
        self.runner = Runner(
            service,
            bus,
            store,
            RunnerSettings(**options),
            clock=clock,
            monotonic=clock.seconds,
            metrics=self.metrics,
        )
        self.error: BaseException | None = None

    def until(
        self,
        enough: Callable[[], bool],
        *,
        turns: int = 300,
        before_the_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Take turns until `enough`, in the thread of the test; `before_the_end` is called when it is reached."""
        reached = [False]

        def look() -> bool:
            if not reached[0] and enough():
                reached[0] = True
                before_the_end()
            return reached[0]

        stop = _After(look, turns)
        self.runner.run(stop)
        assert reached[0], f"not reached within {turns} turns"


class _After(threading.Event):
    """Set once a condition holds, or after so many looks at it."""

    def __init__(self, condition: Callable[[], bool], looks: int) -> None:
        super().__init__()
        self._condition = condition
        self._looks = looks

    def is_set(self) -> bool:
        self._looks -= 1
        return self._looks < 0 or self._condition()


def read_all(bus: Bus, topic: str) -> list[Any]:
    return [
        decode(record).message
        for place, (first, end) in bus.ends(topic).items()
        for record in bus.read(place, first, end - first)
    ]


def outcomes(bus: Bus) -> list[StepOutcome]:
    return read_all(bus, "outcomes")


def waiting(bus: Bus) -> int:
    return sum(bus.lag("step", ["fetch-requests", "fetch-requests-backfill"]).values())


def service(handle: Callable[[Received], Handled], **options: Any) -> Service:
    return Service(name="step", inputs=("fetch-requests",), step=each(handle), **options)


def pass_on(received: Received) -> Handled:
    return Handled((Outgoing("fetch-requests", "next", received.message),))
