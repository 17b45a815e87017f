"""What a service is: a step, what it reads, and what is due by time. The runner does the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.bus.port import Partition
from shared.contracts.wire import Outgoing, Received
from shared.errors import StepError
from shared.store.port import Write


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of one message.

    `remember` is kept once the outputs are durable and before the message counts as done. `ends` says, in words,
    that the journey of the document ends here and how; without it the document went on to the outputs. `again_at`
    brings the message back at that time, for the reason that `ends` tells: what is timed is no failure.
    """

    outputs: tuple[Outgoing, ...] = ()
    remember: tuple[Write, ...] = ()
    ends: str = ""
    again_at: datetime | None = None


Verdict = Handled | StepError
BatchStep = Callable[[Sequence[Received]], Sequence[Verdict]]
Owns = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Tick:
    """Work that is due by time. `run(now, owns)` is a function of state and time; `owns(topic, key)` tells
    whether this process owns the partition of that key, so that many replicas do each thing once."""

    name: str
    every: timedelta
    run: Callable[[datetime, Owns], Handled]


@dataclass(frozen=True, slots=True)
class Downstream:
    """A later step that must keep up: above `limit` waiting messages this service takes no more."""

    group: str
    topics: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Service:
    """A named step on the bus; its consumer group has its name.

    `reload` makes the step forget what it holds in memory and read its state anew: it is called with the
    partitions held when they change, and after a batch that was not carried through.

    With `at_once` the step may wait for others: messages go into the agenda first, and are worked one at a time per
    key, up to so many keys at once, in threads; `step` gets one message a call. `not_before(key)` tells when a key's
    next item may be worked; it is asked by the runner's thread.

    A `quiet` service works beside a document's way, not on it: it has no part in journeys, only dead letters.
    """

    name: str
    inputs: tuple[str, ...]
    step: BatchStep
    ticks: tuple[Tick, ...] = ()
    reload: Callable[[frozenset[Partition]], None] | None = None
    downstream: Downstream | None = None
    batch: int | None = None
    at_once: int | None = None
    not_before: Callable[[str], datetime] | None = None
    quiet: bool = False


def each(handle: Callable[[Received], Handled]) -> BatchStep:
    """Make a step of a function of one message: a verdict it raises is that message's own."""

    def step(batch: Sequence[Received]) -> Sequence[Verdict]:
        verdicts: list[Verdict] = []
        for received in batch:
            try:
                verdicts.append(handle(received))
            except StepError as verdict:
                verdicts.append(verdict)
        return verdicts

    return step
