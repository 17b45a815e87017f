"""What the bus on Kafka does beyond the contract: topics as the table asks, lanes together, restarts, protection."""

import gc
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, UserScramCredentialUpsertion

from shared.bus.kafka import KafkaSecurity, open_kafka_bus
from shared.bus.partitioning import partition_of
from shared.bus.port import (
    BusError,
    BusUnavailable,
    Consumer,
    NewRecord,
    NotOwned,
    Partition,
    Record,
    RecordTooLarge,
    TopicSettings,
)
from shared.contracts.topics import bus_topics
from shared.servers.kafka import KafkaServer, start_kafka
from shared.servers.maven import ServerUnavailable, find_java
from tests.contract.bus_engines import fresh_group, fresh_topic
from tests.contract.bus_steps import Heard, numbered, write
from tests.contract.kafka_broker import kafka_for_tests
from tests.waiting import wait_until

# kafka-python leaves the sockets of connections that came to nothing to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

PATIENCE = 40.0
SESSION = timedelta(seconds=3)
MiB = 1024 * 1024


@pytest.fixture
def address() -> str:
    return kafka_for_tests()


def take(consumer: Consumer, count: int) -> list[Record]:
    found: list[Record] = []

    def enough() -> bool:
        found.extend(consumer.poll(count - len(found), 0.2))
        return len(found) >= count

    wait_until(enough, PATIENCE, f"{count} records")
    return found


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


# Topics.


@pytest.mark.parametrize(
    ("there", "asked", "said"),
    [
        ({"partitions": 2}, {"partitions": 3}, "has 2 partitions and 3 are wanted"),
        ({"max_bytes": MiB}, {"max_bytes": 2 * MiB}, "max.message.bytes=1114112 and 2162688"),
        ({"compacted": False}, {"compacted": True}, "cleanup.policy=delete and compact"),
    ],
)
def test_a_topic_that_is_not_as_the_table_asks_is_named(
    address: str, there: dict[str, Any], asked: dict[str, Any], said: str
) -> None:
    topic = fresh_topic()
    open_kafka_bus(address, [replace(topic, **there)]).close()
    with pytest.raises(BusError, match=f"{topic.name!r}.*{said}") as raised:
        open_kafka_bus(address, [replace(topic, **asked), fresh_topic()])
    assert not isinstance(raised.value, BusUnavailable)
    assert "\n" not in str(raised.value)


def test_a_topic_that_is_larger_than_asked_is_used_as_it_is(address: str) -> None:
    topic = fresh_topic(partitions=5)
    open_kafka_bus(address, [replace(topic, max_bytes=2 * MiB)]).close()
    bus = open_kafka_bus(address, [replace(topic, partitions=2)])
    write(bus, topic, *((f"k{n}", b"x") for n in range(40)))
    assert {place.number for place, (_, end) in bus.ends(topic.name).items() if end} == {
        partition_of(f"k{n}", 5) for n in range(40)
    }
    bus.close()


def test_the_whole_table_is_made_as_it_stands_under_a_prefix(address: str) -> None:
    prefix = f"{fresh_group()}."
    open_kafka_bus(address, bus_topics(), prefix=prefix).close()
    bus = open_kafka_bus(address, bus_topics(), prefix=prefix)
    for topic in bus_topics():
        assert len(bus.ends(topic.name)) == topic.partitions
    admin = KafkaAdminClient(bootstrap_servers=address)
    names = {name for name in admin.list_topics() if name.startswith(prefix)}
    admin.close()
    assert names == {prefix + topic.name for topic in bus_topics()}
    bus.close()


def test_a_prefix_keeps_topics_and_groups_apart(address: str) -> None:
    topic, group = fresh_topic(), fresh_group()
    one, two = (open_kafka_bus(address, [topic], prefix=prefix) for prefix in ("one.", "two."))
    write(one, topic, *numbered("k", 3))
    assert two.ends(topic.name) == {Partition(topic.name, 0): (0, 0)}
    one.reset(group, {Partition(topic.name, 0): 2})
    assert one.committed(group, [topic.name]) == {Partition(topic.name, 0): 2}
    assert two.committed(group, [topic.name]) == {}
    one.close()
    two.close()


def test_records_of_the_largest_size_go_through_and_larger_ones_are_refused(address: str) -> None:
    topic = fresh_topic(TopicSettings("large", max_bytes=9 * MiB))
    bus = open_kafka_bus(address, [topic])
    producer = bus.producer()
    incompressible = b"".join(
        hash((n, "seed")).to_bytes(8, "little", signed=True) for n in range(9 * MiB // 8)
    )
    largest = incompressible[: 9 * MiB - 1]
    producer.produce([NewRecord(topic.name, "k", largest), NewRecord(topic.name, "k", b"small")])
    with pytest.raises(RecordTooLarge, match="9437185 bytes and the topic allows 9437184"):
        producer.produce([NewRecord(topic.name, "k", largest + b"x")])
    producer.close()
    consumer = bus.consumer(fresh_group(), [topic.name])
    assert [record.value for record in take(consumer, 2)] == [largest, b"small"]
    assert bus.read(Partition(topic.name, 0), 0, 1)[0].value == largest
    consumer.close()
    bus.close()


def test_what_the_broker_refuses_is_told_and_the_producer_goes_on(address: str) -> None:
    topic = fresh_topic()
    bus = open_kafka_bus(address, [topic])
    admin = KafkaAdminClient(bootstrap_servers=address)
    smaller = ConfigResource(ConfigResourceType.TOPIC, topic.name, configs={"max.message.bytes": "300"})
    admin.alter_configs([smaller])
    admin.close()
    producer = bus.producer()
    small = NewRecord(topic.name, "k", b"small")

    def refused() -> bool:
        try:
            producer.produce([small, NewRecord(topic.name, "k", random.Random(1).randbytes(1000))])
        except RecordTooLarge:
            return True
        return False

    wait_until(refused, PATIENCE, "the broker takes the new setting")
    producer.produce([small])
    assert bus.read(Partition(topic.name, 0), 0, 100)[-1].value == b"small"
    producer.close()
    bus.close()


def test_without_a_broker_the_address_is_named_in_one_line_and_nothing_is_left_running() -> None:
    before = set(threading.enumerate())
    with pytest.raises(BusUnavailable, match=r"Kafka at 127.0.0.1:1 .*address") as raised:
        open_kafka_bus("kafka://127.0.0.1:1", [TopicSettings("t")])
    assert "\n" not in str(raised.value)
    assert set(threading.enumerate()) <= before


# Groups.


def test_a_partition_and_its_backfill_lane_belong_to_the_same_member(address: str) -> None:
    live = fresh_topic(partitions=7)
    late = replace(live, name=f"{live.name}-backfill", backfill=True)
    bus, group = open_kafka_bus(address, [live, late], session=SESSION), fresh_group()
    members = [bus.consumer(group, [live.name, late.name]) for _ in range(3)]
    stop = threading.Event()

    def work(member: Consumer) -> None:
        while not stop.is_set():
            member.poll(1, 0.1)

    threads = [threading.Thread(target=work, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    try:
        wait_until(
            lambda: sorted(len(m.assignment()) for m in members) == [4, 4, 6], PATIENCE, "all is shared"
        )
        for member in members:
            held = member.assignment()
            assert {p.number for p in held if p.topic == live.name} == {
                p.number for p in held if p.topic == late.name
            }
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for member in members:
            member.close()
        bus.close()


def test_the_listener_is_called_in_the_thread_that_polls_and_may_commit_there(address: str) -> None:
    topic = fresh_topic()
    bus, group = open_kafka_bus(address, [topic]), fresh_group()
    write(bus, topic, *numbered("k", 5))
    threads: set[int] = set()

    class Commits(Heard):
        def assigned(self, partitions: frozenset[Partition]) -> None:
            threads.add(threading.get_ident())

        def revoked(self, partitions: frozenset[Partition]) -> None:
            threads.add(threading.get_ident())
            consumer.commit(dict.fromkeys(partitions, 4))

    consumer = bus.consumer(group, [topic.name], Commits())
    take(consumer, 5)
    consumer.close()
    assert threads == {threading.get_ident()}
    assert bus.committed(group, [topic.name]) == {Partition(topic.name, 0): 4}
    bus.close()


def test_a_listeners_error_comes_out_of_poll_and_loses_no_record(address: str) -> None:
    topic = fresh_topic()
    bus = open_kafka_bus(address, [topic])
    write(bus, topic, *numbered("k", 5))

    class Fails(Heard):
        def assigned(self, partitions: frozenset[Partition]) -> None:
            raise LookupError("the agenda is gone")

    consumer = bus.consumer(fresh_group(), [topic.name], Fails())
    with pytest.raises(LookupError, match="the agenda is gone"):
        take(consumer, 1)
    assert [record.offset for record in take(consumer, 5)] == [0, 1, 2, 3, 4]
    consumer.close()
    bus.close()


def test_a_member_with_a_name_of_its_own_comes_back_at_once_and_leaves_when_closed(address: str) -> None:
    topic, group = fresh_topic(partitions=2), fresh_group()
    long = timedelta(minutes=5)
    bus = open_kafka_bus(address, [topic], instance="pod-7", session=long)
    first = bus.consumer(group, [topic.name])
    wait_until(lambda: not first.poll(1, 0.1) and len(first.assignment()) == 2, PATIENCE, "it has joined")
    # The process dies: its connections end and nobody says goodbye.
    first._network.close()
    bus.close()
    again = open_kafka_bus(address, [topic], instance="pod-7", session=long)
    second = again.consumer(group, [topic.name])
    began = time.monotonic()
    wait_until(lambda: not second.poll(1, 0.1) and len(second.assignment()) == 2, PATIENCE, "it is back")
    assert time.monotonic() - began < 20, "it waited for its own session to end"
    assert again.members(group) == 1
    second.close()
    assert again.members(group) == 0
    again.close()


def test_offsets_are_not_set_while_the_group_has_members(address: str) -> None:
    topic, group = fresh_topic(), fresh_group()
    bus = open_kafka_bus(address, [topic])
    consumer = bus.consumer(group, [topic.name])
    wait_until(lambda: not consumer.poll(1, 0.1) and bool(consumer.assignment()), PATIENCE, "it has joined")
    with pytest.raises(NotOwned, match=f"{group}.*1 members.*stop"):
        bus.reset(group, {Partition(topic.name, 0): 0})
    consumer.close()
    bus.reset(group, {Partition(topic.name, 0): 0})
    bus.close()


# Protection.


@pytest.fixture(scope="module")
def protected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KafkaServer, Path]]:
    """A broker that speaks TLS alone and asks for a name and a password, and the certificate to trust."""
    folder = tmp_path_factory.mktemp("protected")
    try:
        keytool = find_java(17).with_name("keytool")
    except ServerUnavailable as fault:
        pytest.skip(str(fault))
    store = folder / "broker.p12"
    making = "-genkeypair -alias broker -keyalg RSA -dname CN=broker -ext SAN=IP:127.0.0.1 -storetype PKCS12"
    secret = ["-storepass", "changeit", "-keystore", str(store)]
    subprocess.run([keytool, *making.split(), *secret], check=True, capture_output=True)
    showing = [str(keytool), "-exportcert", "-rfc", "-alias", "broker", *secret]
    (folder / "ca.pem").write_bytes(subprocess.run(showing, check=True, capture_output=True).stdout)
    login = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="wire" password="s3cret" user_wire="s3cret";'
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    settings = {
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": login,
        "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": scram,
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scram,
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(store),
        "ssl.keystore.password": "changeit",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(folder / "ca.pem"),
    }
    try:
        server = start_kafka(folder / "kafka", settings=settings, protocol="SASL_SSL")
    except ServerUnavailable as fault:
        pytest.skip(str(fault))
    with server:
        yield server, folder / "ca.pem"


def test_tls_and_passwords(protected: tuple[KafkaServer, Path]) -> None:
    server, ca = protected
    plain = KafkaSecurity(tls=True, ca_file=ca, mechanism="PLAIN", username="wire", password="s3cret")
    admin = KafkaAdminClient(bootstrap_servers=server.address, **plain.options())
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        told = admin.alter_user_scram_credentials([UserScramCredentialUpsertion("wire", mechanism, "salty")])
        assert told == {"wire": None}
    admin.close()
    for mechanism, password in (("PLAIN", "s3cret"), ("SCRAM-SHA-256", "salty"), ("SCRAM-SHA-512", "salty")):
        security = replace(plain, mechanism=mechanism, password=password)  # type: ignore[arg-type]
        topic = fresh_topic()
        bus = open_kafka_bus(server.address, [topic], security=security)
        write(bus, topic, *numbered("k", 2))
        consumer = bus.consumer(fresh_group(), [topic.name])
        assert [record.value for record in take(consumer, 2)] == [b"0", b"1"]
        consumer.close()
        bus.close()


def test_a_wrong_password_is_said(protected: tuple[KafkaServer, Path]) -> None:
    server, ca = protected
    wrong = KafkaSecurity(tls=True, ca_file=ca, mechanism="PLAIN", username="wire", password="guess")
    with pytest.raises(BusError, match=r"uthentication") as raised:
        open_kafka_bus(server.address, [], security=wrong)
    assert not isinstance(raised.value, BusUnavailable)
    assert "guess" not in str(raised.value)


def test_a_broker_that_cannot_prove_who_it_is_is_refused(protected: tuple[KafkaServer, Path]) -> None:
    server, _ = protected
    trusting = KafkaSecurity(tls=True, mechanism="PLAIN", username="wire", password="s3cret")
    with pytest.raises(BusError, match=r"certificate that is not to be trusted"):
        open_kafka_bus(server.address, [], security=trusting)
