"""A process that writes to or reads from a bus and tells each thing it does, one JSON line each; made to be killed.

Run as `python -m tests.contract.bus_child JOB` with a `Job` as JSON. It ends by itself when its standard input closes.
"""

import json
import select
import sys
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from shared.bus.port import Bus, Consumer, NewRecord, Partition, Record, TopicSettings
from tests.contract.bus_engines import ENGINES


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the process does.

    `produce` writes `<prefix>:<n>` for n = `start`, …, to the first topic, over `keys` keys, `batch` at a time, until
    `count` are written. `consume` joins `group` and commits after each `batch`, when partitions are `revoked`, or
    `never`. `maintain` tidies up again and again.
    """

    engine: str
    address: str
    topics: tuple[TopicSettings, ...]
    role: str
    group: str = ""
    commit: str = "batch"
    batch: int = 10
    prefix: str = ""
    start: int = 0
    count: int = sys.maxsize
    keys: int = 5

    def as_json(self) -> str:
        """For the command line; retention travels as it is not needed there."""
        topics = [{**asdict(topic), "retention": None} for topic in self.topics]
        return json.dumps({**asdict(self), "topics": topics})


def job_of(text: str) -> Job:
    """The job as its command line gave it."""
    fields: dict[str, Any] = json.loads(text)
    return Job(**{**fields, "topics": tuple(TopicSettings(**topic) for topic in fields["topics"])})


def tell(event: str, **what: object) -> None:
    """One line for the parent. The time is the system's own monotonic clock, the same in every process."""
    print(json.dumps({"event": event, "at": time.monotonic_ns(), **what}), flush=True)


def told_to_stop() -> bool:
    """Whether the parent has closed our standard input."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


def value_of(job: Job, number: int) -> NewRecord:
    """The record that a producer writes as its `number`th."""
    return NewRecord(
        job.topics[0].name, f"{job.prefix}-{number % job.keys}", f"{job.prefix}:{number}".encode()
    )


class Member:
    """A consumer that tells what it is given."""

    def __init__(self, bus: Bus, job: Job) -> None:
        self._job = job
        self._done: dict[Partition, int] = {}
        self.consumer: Consumer = bus.consumer(job.group, [topic.name for topic in job.topics], self)

    def step(self) -> None:
        """Poll once."""
        records = self.consumer.poll(self._job.batch, 0.1)
        self._done |= {record.place: record.offset + 1 for record in records}
        if records:
            tell("records", records=[_shown(record) for record in records])
        if records and self._job.commit == "batch":
            self._commit(self._done)

    def assigned(self, partitions: frozenset[Partition]) -> None:
        tell("assigned", partitions=sorted(partitions))

    def revoked(self, partitions: frozenset[Partition]) -> None:
        if self._job.commit == "revoked":
            self._commit({place: offset for place, offset in self._done.items() if place in partitions})
        self._forget(partitions)
        tell("revoked", partitions=sorted(partitions))

    def lost(self, partitions: frozenset[Partition]) -> None:
        self._forget(partitions)
        tell("lost", partitions=sorted(partitions))

    def _commit(self, offsets: dict[Partition, int]) -> None:
        self.consumer.commit(offsets)
        tell("committed", offsets=[[*place, offset] for place, offset in sorted(offsets.items())])

    def _forget(self, partitions: Collection[Partition]) -> None:
        self._done = {place: offset for place, offset in self._done.items() if place not in partitions}


def _shown(record: Record) -> list[object]:
    return [record.topic, record.partition, record.offset, record.key, record.value.decode()]


def produce(bus: Bus, job: Job) -> None:
    """Write until the job is done or the parent says stop, telling what is acknowledged."""
    producer = bus.producer()
    number = job.start
    end = job.start + job.count
    while number < end and not told_to_stop():
        upto = min(number + job.batch, end)
        producer.produce([value_of(job, n) for n in range(number, upto)])
        number = upto
        tell("acked", upto=number)
    producer.close()


def consume(bus: Bus, job: Job) -> None:
    """Read until the parent says stop."""
    member = Member(bus, job)
    while not told_to_stop():
        member.step()
    member.consumer.close()
    tell("left")


def maintain(bus: Bus, job: Job) -> None:
    """Tidy up until the parent says stop."""
    while not told_to_stop():
        bus.maintain()
        tell("tidied")


def main() -> None:
    """Do the job on the command line."""
    job = job_of(sys.argv[1])
    bus = ENGINES[job.engine].open(job.address, job.topics)
    {"produce": produce, "consume": consume, "maintain": maintain}[job.role](bus, job)
    bus.close()


if __name__ == "__main__":
    main()
