"""What a beginner meets on the cluster's servers: the real command says in one line what is wrong, where, and what to do.

Each row is one mistake or one fault, met by a command that asks once. `doctor` has to tell the same. Services do not
end: they say it once and wait.
"""

import re
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch
from kafka.admin import KafkaAdminClient

from shared.bus.kafka import KafkaSecurity, open_kafka_bus
from shared.bus.port import NewRecord
from shared.contracts.topics import bus_topics
from shared.index.elasticsearch import open_elasticsearch_writer
from shared.store.elasticsearch import open_elasticsearch_store
from tests.contract.index_articles import article
from tests.contract.kafka_broker import kafka_for_tests
from tests.elasticsearch_server import empty
from tests.guarded_kafka import GUEST, LONER, WIRE, WIRE_PREFIX, guarded_kafka
from tests.integration.cluster_mistakes import ELASTICSEARCH, KAFKA, PREFIX, Places, Variables, Wrong
from tests.integration.documents import page
from tests.integration.processes import Told, health, heritage, served
from tests.integration.test_elasticsearch_faults import VERSION_8, answering
from tests.secured_elasticsearch import PASSWORD, secured_elasticsearch
from tests.strangers import OLD_KAFKA, framed, free_address, late, saying, silent, turned_off
from tests.waiting import wait_until

# kafka-python leaves the sockets of connections that came to nothing to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

SOON = 30.0
"""Seconds in which a command has to answer: the ten that it gives a server, and its own start on a busy machine."""

STARTING = (
    b'{"error":{"type":"cluster_block_exception","reason":"blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / '
    b'initialized];"},"status":503}'
)


COMMANDS: dict[str, tuple[str, Callable[[Places], Variables]]] = {
    **{f"Kafka: {what}": ("status", wrong) for what, (wrong, _) in KAFKA.items()},
    **{f"Elasticsearch: {what}": ("search temple", wrong) for what, (wrong, _) in ELASTICSEARCH.items()},
}
# One run of `doctor` looks at a fault of each server.
NOTHING: Wrong = (lambda _: {}, "")
PAIRS = {
    f"{one} / {other}": (KAFKA.get(one, NOTHING), ELASTICSEARCH.get(other, NOTHING))
    for one, other in zip_longest(KAFKA, ELASTICSEARCH, fillvalue="")
}


def check_one_line(told: Told, said: str) -> None:
    lines = told.err.splitlines()
    assert told.code == 1, told
    assert len(lines) == 1, told
    assert re.fullmatch(rf"Error: .*{said}.*", lines[0]), lines[0]
    check_quick_and_quiet(told)


def check_quick_and_quiet(told: Told) -> None:
    """It answered soon, and neither where in the program it happened nor a secret is shown."""
    assert told.seconds < SOON, told
    for never in ("Traceback", "s3cret", PASSWORD, "correct%20horse", "guess", GUEST[1], LONER[1]):
        assert never not in told.out + told.err


def check_problem(told: Told, what: str, said: str) -> None:
    """`doctor` has one line for this, whatever else it finds."""
    lines = [line for line in told.out.splitlines() if line.startswith("problem") and re.search(said, line)]
    assert len(lines) == 1, told
    assert f"  {what}: " in lines[0]
    assert (told.code, told.err) == (1, "")
    check_quick_and_quiet(told)


@pytest.fixture(scope="module")
def places(elasticsearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    folder = tmp_path_factory.mktemp("places")
    (folder / "notes.txt").write_text("no certificate")
    kafka = kafka_for_tests()
    with ExitStack() as stack:
        enter = stack.enter_context
        guarded = enter(guarded_kafka())
        others = {
            "nobody": free_address(),
            "silent": enter(silent()),
            "off": enter(turned_off()),
            "old kafka": enter(saying(framed(OLD_KAFKA))),
            "web site": enter(answering(200, "text/html", b"<html>Welcome</html>")),
            "proxy": enter(answering(502, "text/html", b"<html>Bad gateway</html>")),
            "version 8": enter(answering(400, "application/json", VERSION_8)),
            "starting": enter(answering(503, "application/json", STARTING)),
        }
        yield Places(kafka, elasticsearch, guarded, enter(secured_elasticsearch()), others, folder)
    blocks = dict.fromkeys(f"index.blocks.{block}" for block in BLOCKS)
    with Elasticsearch(elasticsearch) as client:
        client.indices.put_settings(index=f"{PREFIX}-*", settings=blocks)
    empty(elasticsearch, PREFIX)


@pytest.fixture(scope="module")
def answers(places: Places, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Told]]:
    """What each command prints that the selected tests look at: two run at a time, ahead of the tests."""
    calls = [getattr(item, "callspec", None) for item in request.session.items if item.path == request.path]
    wanted = [call.params["row"] for call in calls if call and "row" in call.params]
    with ThreadPoolExecutor(2) as pool:

        def start(row: str) -> Future[Told]:
            if row in PAIRS:
                (one, _), (other, _) = PAIRS[row]
                return pool.submit(
                    heritage, "doctor", settings={**places.good(), **one(places), **other(places)}
                )
            arguments, wrong = COMMANDS[row]
            return pool.submit(heritage, *arguments.split(), settings={**places.good(), **wrong(places)})

        running = {row: start(row) for row in wanted}
        yield lambda row: running[row].result()


@pytest.mark.parametrize("row", [row for row in COMMANDS if row.startswith("Kafka: ")])
def test_what_is_wrong_with_kafka_is_one_line(answers: Callable[[str], Told], row: str) -> None:
    check_one_line(answers(row), KAFKA[row.removeprefix("Kafka: ")][1])


@pytest.mark.parametrize("row", [row for row in COMMANDS if row.startswith("Elasticsearch: ")])
def test_what_is_wrong_with_elasticsearch_is_one_line(answers: Callable[[str], Told], row: str) -> None:
    check_one_line(answers(row), ELASTICSEARCH[row.removeprefix("Elasticsearch: ")][1])


@pytest.mark.parametrize("row", list(PAIRS))
def test_doctor_tells_what_is_wrong_with_each(answers: Callable[[str], Told], row: str) -> None:
    (_, of_kafka), (_, of_elasticsearch) = PAIRS[row]
    for what, said in (("bus", of_kafka), ("index", of_elasticsearch)):
        if said:
            check_problem(answers(row), what, said)


def test_one_of_several_servers_is_enough(places: Places) -> None:
    nobody = places.others["nobody"]
    several = {
        **places.good(),
        "BUS": f"kafka://{nobody},{places.kafka}",
        "INDEX": f"http://{nobody},{places.elasticsearch}",
    }
    told = heritage("status", settings=several)
    assert (told.code, told.err) == (0, "")


def test_the_rights_to_kafka_that_we_ask_for_are_enough(places: Places) -> None:
    security = KafkaSecurity(mechanism="PLAIN", username=WIRE[0], password=WIRE[1])
    address, topics = places.guarded.passwords, list(bus_topics())
    with closing(
        open_kafka_bus(address, topics, prefix=WIRE_PREFIX, security=security, instance="pod-1")
    ) as bus:
        with closing(bus.producer()) as producer:
            producer.produce([NewRecord("outcomes", "k", b"1")])
        with closing(bus.consumer("journeys", ["outcomes"])) as consumer:
            wait_until(lambda: bool(consumer.poll(1, 0.2)), SOON)
            (place,) = [place for place, (_, end) in bus.ends("outcomes").items() if end]
            consumer.commit({place: 1})
            assert bus.members("journeys") == 1
        assert bus.members("journeys") == 0
        bus.reset("journeys", {place: 0})
        assert sum(bus.lag("journeys", ["outcomes"]).values()) == 1
        assert bus.read(place, 0, 1)[0].value == b"1"


SMALL = {"max.message.bytes": "100000"}
LARGE = {"max.message.bytes": "9000000"}
TOPICS: dict[str, tuple[str, dict[str, Any], str]] = {
    "too few partitions": (
        "fetched",
        {"num_partitions": 3, "configs": LARGE},
        "has 3 partitions and 12 are wanted: .*kafka-topics --alter --topic NAME --partitions 12",
    ),
    "messages too small": (
        "articles",
        {"num_partitions": 12, "configs": SMALL},
        r"has max\.message\.bytes=100000 and \d+ is wanted: .*kafka-configs --alter .*--entity-name NAME",
    ),
    "not compacted": (
        "deletions",
        {"num_partitions": 1},
        r"has cleanup\.policy=delete and compact is wanted: .*--add-config cleanup\.policy=compact",
    ),
}


@pytest.mark.parametrize("command", ["status", "parser"])
@pytest.mark.parametrize("what", list(TOPICS))
def test_a_topic_that_somebody_made_otherwise_is_one_line(places: Places, what: str, command: str) -> None:
    """A service ends here too: no waiting would change it."""
    topic, options, said = TOPICS[what]
    prefix = f"test-{uuid4().hex[:12]}"
    name = f"{prefix}.{topic}"
    with closing(KafkaAdminClient(bootstrap_servers=places.kafka)) as admin:
        admin.create_topics({name: {"replication_factor": 1, **options}})
    told = heritage(command, settings=places.good(prefix))
    check_one_line(told, rf"Kafka at \S+: topic '{name}' {said.replace('NAME', name)}")


def test_of_many_wrong_topics_a_few_are_named(places: Places) -> None:
    prefix = f"test-{uuid4().hex[:12]}"
    with closing(KafkaAdminClient(bootstrap_servers=places.kafka)) as admin:
        names = [f"{prefix}.{topic.name}" for topic in bus_topics() if topic.partitions > 1]
        admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1} for name in names})
    told = heritage("status", settings=places.good(prefix))
    check_one_line(told, r"kafka-topics .*; and \d+ more")
    assert len(told.err) < 1200


@pytest.mark.parametrize("command", ["up", "ingest FILE", "dead list", "reindex"])
@pytest.mark.parametrize("mistakes", [KAFKA, ELASTICSEARCH], ids=["Kafka", "Elasticsearch"])
def test_whatever_is_asked_for_says_first_that_a_server_is_down(
    places: Places, mistakes: Mapping[str, Wrong], command: str, tmp_path: Path
) -> None:
    (tmp_path / "news.html").write_text(page(1))
    arguments = command.replace("FILE", str(tmp_path / "news.html")).split()
    wrong, said = mistakes["the server is down"]
    settings = {**places.good(), "DATA": str(tmp_path / "data"), **wrong(places)}
    check_one_line(heritage(*arguments, settings=settings), said)


# Writing.

BLOCKS = {
    "read_only": r"may only be read: \S+ has the block index\.blocks\.read_only; set it to null",
    "read_only_allow_delete": "a disk is full past the flood stage, so nothing is written to .*; free space on that node",
}


@pytest.mark.parametrize("block", list(BLOCKS))
def test_indices_that_cannot_be_written_are_told_before_anything_is_sent(
    places: Places, block: str, tmp_path: Path
) -> None:
    """The second of these blocks is the one that Elasticsearch itself sets when a disk is full."""
    prefix, settings = f"{PREFIX}-{block.replace('_', '-')}", places.good()
    settings = {**settings, "PREFIX": prefix}
    with closing(open_elasticsearch_store(places.elasticsearch, prefix=prefix)) as store:
        store.create("agenda", "a", b"{}")
    with Elasticsearch(places.elasticsearch) as client:
        client.indices.put_settings(index=f"{prefix}-*", settings={f"index.blocks.{block}": True})
    (tmp_path / "news.html").write_text(page(1))
    check_one_line(
        heritage("ingest", tmp_path / "news.html", settings=settings), rf"http://\S+: {BLOCKS[block]}"
    )
    check_problem(heritage("doctor", settings=settings), "index", BLOCKS[block])
    assert heritage("search", "temple", settings=settings).code == 0
    with served("parser", settings) as service:
        assert re.search(rf"parser waits: http://\S+: {BLOCKS[block]}", service.line())


def test_who_may_only_read_searches_and_is_told_when_writing(places: Places, tmp_path: Path) -> None:
    settings = {**places.good(), **places.elastic_user("reading")}
    assert heritage("search", "temple", settings=settings).code == 0
    (tmp_path / "news.html").write_text(page(1))
    told = heritage("ingest", tmp_path / "news.html", settings=settings)
    check_one_line(
        told, r"does not let 'reading' do what we need \(missing: manage_index_templates, all on wire-\*\)"
    )


def test_what_a_service_waits_for_is_told_by_the_command_that_started_it(
    places: Places, tmp_path: Path
) -> None:
    """The months' indices are not looked at before: old ones may be closed to writing on purpose."""
    prefix = f"{PREFIX}-months"
    now = datetime.now(UTC)
    with closing(open_elasticsearch_writer(places.elasticsearch, prefix=prefix)) as writer:
        writer.write([article("a", first_seen_at=now, published_at=now)])
    with Elasticsearch(places.elasticsearch) as client:
        client.indices.put_settings(index=f"{prefix}-articles*", settings={"index.blocks.read_only": True})
    (tmp_path / "news.html").write_text(page(1))
    settings = {**places.good(prefix), "DATA": str(tmp_path / "data")}
    told = heritage("ingest", "--timeout", "45", tmp_path / "news.html", settings=settings)
    assert told.code == 1
    lines = [line for line in told.err.splitlines() if "may only be read" in line]
    assert len(lines) == 1, told.err
    assert lines[0].startswith("indexer waits and tries again by itself: http://")
    assert "waiting" in told.out
    assert "Traceback" not in told.err


# Services.


def test_a_service_says_once_that_kafka_is_away_and_goes_on_when_it_is_there(places: Places) -> None:
    with late(places.kafka) as kafka:
        port = free_address().rpartition(":")[2]
        settings = {**places.good(), "BUS": f"kafka://{kafka.address}", "MONITOR_PORT": port}
        with served("parser", settings) as service:
            assert re.search(r"parser waits: Kafka at \S+ hangs up without a word", service.line())
            wait_until(lambda: kafka.turned_away >= 4, SOON)
            assert "hangs up without a word" in health(port)
            kafka.is_there = True
            assert service.line().endswith("parser goes on: what it waited for is there\n")
            wait_until(lambda: health(port) == "ok\n", SOON)
            assert service.end() == (0, "")


@pytest.mark.parametrize("name", ["indexer", "dashboard"])
def test_a_service_says_once_that_elasticsearch_is_away(places: Places, name: str) -> None:
    heard: list[str] = []
    with (
        answering(503, "application/json", STARTING, heard) as address,
        served(name, {**places.good(), "INDEX": address, "DASHBOARD_PORT": "0"}) as service,
    ):
        assert re.search(rf"{name} waits: {address}: is not ready .*wait if it is starting", service.line())
        already = len(heard)
        wait_until(lambda: len(heard) >= already + 3, SOON)
        assert service.end() == (0, "")


@pytest.mark.parametrize(
    "what",
    ["no rights", "a wrong API key", "an old server", "a certificate nobody vouches for"],
)
def test_a_service_that_is_refused_by_elasticsearch_ends_with_one_line(places: Places, what: str) -> None:
    wrong, said = ELASTICSEARCH[what]
    check_one_line(heritage("events", settings={**places.good(), **wrong(places)}), said)


@pytest.mark.parametrize("what", ["a wrong password", "no rights", "TLS is asked for and not spoken"])
def test_a_service_that_is_refused_by_kafka_ends_with_one_line(places: Places, what: str) -> None:
    wrong, said = KAFKA[what]
    check_one_line(heritage("events", settings={**places.good(), **wrong(places)}), said)


def test_a_service_that_may_not_belong_to_a_group_ends_with_a_line_for_each(places: Places) -> None:
    with served("parser", {**places.good(), **places.user(LONER)}) as service:
        code, told = service.ended()
    assert code not in (0, -signal.SIGKILL), told
    # The parser reads in two groups, its own and the learner's; either may be refused first, and ends it.
    lines = told.splitlines()
    assert 1 <= len(lines) == len(set(lines)) <= 2, told
    for line in lines:
        assert re.search(r"does not let the user 'loner' use the group '\S+': give it", line)
