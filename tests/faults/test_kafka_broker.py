"""The broker dies and comes back while work goes on: nothing acknowledged is lost, and everyone goes on by themselves.

Consumers that are killed, and producers, are in `test_bus_kill.py`, which runs on Kafka as on every engine.
"""

import gc
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.bus.kafka import KafkaBus, open_kafka_bus
from shared.bus.port import BusUnavailable, NewRecord, NotOwned, Partition
from shared.servers.kafka import KafkaServer, start_kafka
from shared.servers.maven import ServerUnavailable
from tests.contract.bus_engines import fresh_group, fresh_topic
from tests.waiting import wait_until

# kafka-python leaves the sockets of connections that came to nothing to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

PATIENCE = 60.0
SESSION = timedelta(seconds=6)
TOPIC = fresh_topic(partitions=3)


@pytest.fixture
def broker(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[KafkaServer]:
    """One of the test's own, as it is to be killed."""
    # The records of the log hold exceptions, and these the sockets, until all tests are over.
    caplog.set_level(logging.CRITICAL, logger="kafka")
    try:
        server = start_kafka(tmp_path)
    except ServerUnavailable as fault:
        pytest.skip(str(fault))
    with server:
        yield server
    gc.collect()


class Writer(threading.Thread):
    """Writes one number after another, each again until it is acknowledged."""

    def __init__(self, bus: KafkaBus) -> None:
        super().__init__()
        self.acked = 0
        self.refused = 0
        self.stop = threading.Event()
        self._bus = bus

    def run(self) -> None:
        producer = self._bus.producer()
        while not self.stop.is_set():
            batch = [
                NewRecord(TOPIC.name, f"k{n % 10}", str(n).encode())
                for n in range(self.acked, self.acked + 10)
            ]
            try:
                producer.produce(batch)
                self.acked += 10
            except BusUnavailable:
                self.refused += 1
        producer.close()


class Reader(threading.Thread):
    """Reads and commits, and goes on after every fault of the bus as the runner does."""

    def __init__(self, bus: KafkaBus, group: str) -> None:
        super().__init__()
        self.seen: dict[Partition, set[int]] = defaultdict(set)
        self.values: set[int] = set()
        self.out_of_order: list[str] = []
        self.faults = 0
        self.stop = threading.Event()
        self._bus = bus
        self._group = group

    def run(self) -> None:
        consumer = self._bus.consumer(self._group, [TOPIC.name])
        last: dict[Partition, int] = {}
        while not self.stop.is_set():
            try:
                records = consumer.poll(20, 0.1)
                for record in records:
                    if record.offset > last.get(record.place, -1) + 1:
                        self.out_of_order.append(f"{record.place} {last.get(record.place)} {record.offset}")
                    last[record.place] = record.offset
                    self.seen[record.place].add(record.offset)
                    self.values.add(int(record.value))
                if records:
                    consumer.commit({record.place: record.offset + 1 for record in records})
            except (BusUnavailable, NotOwned):
                self.faults += 1
        consumer.close()


@pytest.mark.parametrize("how", ["kill", "restart"])
def test_work_goes_on_when_the_broker_comes_back(broker: KafkaServer, how: str) -> None:
    group = fresh_group()
    bus = open_kafka_bus(broker.address, [TOPIC], session=SESSION)
    writer, reader = Writer(bus), Reader(bus, group)
    writer.start()
    reader.start()
    try:
        for _ in range(2):
            before, read = writer.acked, len(reader.values)
            wait_until(
                lambda before=before, read=read: (
                    writer.acked > before + 100 and len(reader.values) > read + 100
                ),  # type: ignore[misc]
                PATIENCE,
                "work goes on",
            )
            if how == "kill":
                broker.kill()
            broker.restart()
        before = writer.acked
        wait_until(lambda: writer.acked > before + 100, PATIENCE, "writing goes on")
        writer.stop.set()
        writer.join()
        wait_until(lambda: not any(bus.lag(group, [TOPIC.name]).values()), PATIENCE, "all is read")
    finally:
        writer.stop.set()
        reader.stop.set()
        writer.join()
        reader.join()
    assert reader.values == set(range(max(reader.values) + 1))
    assert reader.values >= set(range(writer.acked))
    assert reader.out_of_order == []
    for place, (_, end) in bus.ends(TOPIC.name).items():
        assert reader.seen[place] == set(range(end))
    bus.close()


def test_a_broker_that_is_away_is_said_and_closing_does_not_hang(broker: KafkaServer) -> None:
    bus = open_kafka_bus(broker.address, [TOPIC], session=SESSION)
    group = fresh_group()
    consumer = bus.consumer(group, [TOPIC.name])
    wait_until(lambda: not consumer.poll(1, 0.1) and bool(consumer.assignment()), PATIENCE, "it has joined")
    held = consumer.assignment()
    broker.kill()
    for ask in (
        lambda: bus.lag(group, [TOPIC.name]),
        lambda: bus.read(Partition(TOPIC.name, 0), 0, 1),
        lambda: consumer.commit(dict.fromkeys(held, 0)),
        lambda: open_kafka_bus(broker.address, [TOPIC]),
    ):
        with pytest.raises(BusUnavailable, match=broker.address):
            ask()
    before = set(threading.enumerate())
    consumer.close()
    bus.close()
    assert len(set(threading.enumerate())) < len(before)
    assert not {t.name for t in threading.enumerate()} & {f"kafka-{group}_0"}
