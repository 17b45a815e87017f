"""Kafka and Elasticsearch go away in the middle of the flow and come back: everything goes on by itself.

`./test --full tests/faults/test_servers_away.py` leaves each away twice, for 30 s, while 1,000 documents flow.
"""

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from services.cli.supervisor import Supervisor
from services.cli.wiring import Wiring
from shared.bus.port import BusError
from shared.index.port import SearchIndexError
from shared.servers.elasticsearch import ElasticsearchServer, start_elasticsearch
from shared.servers.kafka import KafkaServer, start_kafka
from shared.servers.maven import ServerUnavailable
from shared.settings import load_settings
from shared.status import by_state, waiting
from shared.store.port import StoreError
from tests.faults.test_kill_services import check
from tests.integration.documents import write_documents

# kafka-python leaves sockets to the garbage collector when a broker dies under them.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def servers() -> Iterator[tuple[KafkaServer, ElasticsearchServer]]:
    """A Kafka and an Elasticsearch of this test's own, to be killed at will."""
    with TemporaryDirectory(prefix="heritage-wire-away-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # Elasticsearch runs as another user
        try:
            kafka = stack.enter_context(start_kafka(folder / "kafka"))
            elasticsearch = stack.enter_context(start_elasticsearch(folder / "elasticsearch"))
        except ServerUnavailable as e:
            if os.environ.get("HERITAGE_WIRE_NO_SKIPS"):
                pytest.fail(str(e))
            pytest.skip(str(e))
        yield kafka, elasticsearch


def done(wiring: Wiring) -> int:
    """How many documents have ended; -1 while nobody can say."""
    with suppress(BusError, StoreError, SearchIndexError):
        states = by_state(wiring.store())
        return sum(states.values()) - states.get("under way", 0) - states.get("retry", 0)
    return -1


def survive(servers: tuple[KafkaServer, ElasticsearchServer], tmp_path: Path) -> None:
    """A thousand documents flow while each server is killed once and stopped once, for half a minute."""
    documents, away, within = 1000, 30.0, 900.0
    kafka, elasticsearch = servers
    fates = write_documents(tmp_path / "inbox", documents)
    (tmp_path / "s.yaml").write_text(f"sources: [{{id: inbox, kind: folder, path: {tmp_path / 'inbox'}}}]\n")
    cluster = {"bus": f"kafka://{kafka.address}", "index": elasticsearch.address}
    environment = {f"HERITAGE_WIRE_{name.upper()}": value for name, value in cluster.items()}
    environment |= {"HERITAGE_WIRE_SOURCES": str(tmp_path / "s.yaml"), "HERITAGE_WIRE_RETRY_DELAY": "0.5"}
    settings = load_settings(data=tmp_path / "data", **cluster)
    faults: list[tuple[int, Callable[[], None], Callable[[], None]]] = [
        (documents // 10, kafka.kill, kafka.restart),
        (documents // 4, elasticsearch.kill, elasticsearch.restart),
        (documents // 2, elasticsearch.stop, elasticsearch.restart),
        (documents * 2 // 3, kafka.stop, kafka.restart),
    ]
    with ExitStack() as stack:
        wiring = stack.enter_context(Wiring(settings))
        wiring.bus()
        # Two parsers: one comes in the middle, so that partitions move while documents flow.
        supervisors = [
            stack.enter_context(
                Supervisor(settings.data, ["crawler", "parser", "events", "indexer", "alerter"], environment)
            )
        ]
        deadline = time.monotonic() + within
        while True:
            for supervisor in supervisors:
                supervisor.watch()
            so_far = done(wiring)
            if faults and so_far >= faults[0][0]:
                _, go, come_back = faults.pop(0)
                go()
                time.sleep(away)  # this long it is away: the time is the fault, not a wait for something
                come_back()
                if len(supervisors) == 1:
                    supervisors.append(
                        stack.enter_context(Supervisor(settings.data / "second", ["parser"], environment))
                    )
            if so_far == documents and not faults and not any(sum(p) for p in waiting(wiring.bus()).values()):
                break
            assert time.monotonic() < deadline, f"{so_far} of {documents}, {len(faults)} faults to come"
            time.sleep(0.2)
        check(wiring, fates)


@pytest.mark.long_run
def test_servers_that_go_and_come_back_lose_nothing(
    servers: tuple[KafkaServer, ElasticsearchServer], tmp_path: Path
) -> None:
    survive(servers, tmp_path)
    gc.collect()  # the sockets that the client of Kafka lost go here, where the warning is expected
