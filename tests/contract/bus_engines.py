"""The engines the bus contract is held against, and how one more plugs in.

An adapter adds one row to `ENGINES`. What a test opens has an address, a plain string, so that child processes, which
are killed without warning, can open the same bus from their command line. Every test makes its topics and groups under
names of its own, so a server may be shared by all of them. Tests wait with deadlines (`patience`), never a fixed time:
a slower engine needs a larger figure and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from shared.bus.local import open_local_bus
from shared.bus.port import Bus, TopicSettings
from tests.contract.kafka_broker import kafka_for_tests


@dataclass(frozen=True, slots=True)
class BusEngine:
    """One adapter: how to open it, and what a test may expect of it."""

    open: Callable[[str, Sequence[TopicSettings]], Bus]
    address: Callable[[Path], str]  # from a folder that is the test's own
    patience: float  # seconds until a change in the group, or a record, must have got through
    examples: int  # of each property
    retention: timedelta  # short, and long enough to do something before it takes what was written last
    tidies_at_once: bool  # `maintain` applies retention and compaction itself


def _open_local(address: str, topics: Sequence[TopicSettings]) -> Bus:
    return open_local_bus(Path(address), topics)


def _open_kafka(address: str, topics: Sequence[TopicSettings]) -> Bus:
    # Here and not above: it takes a quarter of a second, which processes on the local bus need not spend.
    from shared.bus.kafka import open_kafka_bus

    return open_kafka_bus(address, topics, session=timedelta(seconds=3))


ENGINES: Mapping[str, BusEngine] = {
    "local": BusEngine(
        open=_open_local,
        address=lambda folder: str(folder / "bus"),
        patience=30.0,
        examples=40,
        retention=timedelta(milliseconds=300),
        tidies_at_once=True,
    ),
    "kafka": BusEngine(
        open=_open_kafka,
        address=lambda _: kafka_for_tests(),
        patience=90.0,
        examples=8,
        retention=timedelta(seconds=5),
        tidies_at_once=False,
    ),
}


@dataclass(frozen=True, slots=True)
class BusFactory:
    """Opens one bus as often as a test likes, in this process or, by `name` and `address`, in another."""

    name: str
    address: str

    @property
    def engine(self) -> BusEngine:
        """What the engine is like."""
        return ENGINES[self.name]

    def __call__(self, *topics: TopicSettings) -> Bus:
        """The bus with these topics."""
        return self.engine.open(self.address, topics)


def fresh_topic(like: TopicSettings | None = None, *, partitions: int = 1) -> TopicSettings:
    """A topic under a name that nobody else has; `-backfill` stays at the end of the name."""
    like = like or TopicSettings("t", partitions=partitions)
    suffix = "-backfill" if like.backfill else ""
    return replace(like, name=f"{like.name.removesuffix(suffix)}-{uuid4().hex[:12]}{suffix}")


def fresh_group() -> str:
    """A group name that nobody else has."""
    return f"group-{uuid4().hex[:12]}"
