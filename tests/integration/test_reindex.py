"""A full reindex while documents arrive and searches run: no search fails, no document is missing or there twice.

1,000 documents come on the embedded engines, and 300 on a cluster;
`./test --full tests/integration/test_reindex.py` sends 1,000 on both.
"""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from services.cli.supervisor import Supervisor
from services.cli.wiring import Wiring
from services.crawler.documents import document
from services.indexer.reindex import ask, standing
from shared.contracts.messages import Source
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.index.elasticsearch.layout import FIELDS
from shared.index.port import IndexUnavailable, Search
from shared.query.parse import parse
from shared.settings import Settings, load_settings
from shared.status import by_state, waiting
from tests.contract.index_articles import many
from tests.engines import Engines
from tests.integration.documents import page
from tests.integration.flow import everything
from tests.shipped import shipped_taxonomy
from tests.waiting import wait_until

SOURCE = Source(id="desk", kind="folder", path=".")
SENT_AT_ONCE = 50
COMMAND = [sys.executable, "-m", "services.cli.main"]
STARTING = "Starting indexer for the while …"


def fresh(engines: Engines, folder: Path) -> Engines:
    """The same engines, with nothing in them yet."""
    settings = {**engines.settings, "data": str(folder / "data")}
    if "prefix" in settings:
        settings["prefix"] = f"{settings['prefix']}-{uuid4().hex[:6]}"
    return Engines(engines.name, settings)


def address(number: int) -> str:
    return f"https://desk.example/{number}"


def send(wiring: Wiring, numbers: Sequence[int]) -> None:
    """Put the stories with these numbers on the bus, as fetched."""
    producer = wiring.bus().producer()
    for start in range(0, len(numbers), SENT_AT_ONCE):
        fetched = [
            document(
                page(n).encode(), url=address(n), media_type="text/html", source=SOURCE, now=wiring.clock()
            )
            for n in numbers[start : start + SENT_AT_ONCE]
        ]
        producer.produce(
            [
                encode(
                    Outgoing("fetched", d.url, d),
                    message_id=derived_id(d.url),
                    traceparent=new_traceparent(),
                    mode="live",
                )
                for d in fetched
            ]
        )
    producer.close()


def indexed(wiring: Wiring) -> int:
    return by_state(wiring.store()).get("indexed", 0)


def settle(wiring: Wiring, supervisor: Supervisor, documents: int, within: float) -> None:
    """Wait until so many documents are indexed and nothing is under way any more."""

    def settled() -> bool:
        supervisor.watch()
        return indexed(wiring) >= documents and not any(sum(p) for p in waiting(wiring.bus()).values())

    wait_until(settled, within, lambda: f"{by_state(wiring.store())} {waiting(wiring.bus())}")


def reindex(engines: Engines, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "reindex", *options],
        env={**os.environ, **engines.environment()},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


class Searcher:
    """Searches all the while, in a thread of its own; what it finds wrong is raised at the end."""

    def __init__(self, settings: Settings, old: Sequence[int]) -> None:
        self._settings = settings
        self._old = old
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._fault: BaseException | None = None
        self.rounds = 0
        self.count = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._fault is not None:
            raise AssertionError(f"search {self.rounds} went wrong: {self._fault!r}") from self._fault

    def sound(self) -> bool:
        return self._fault is None

    def _run(self) -> None:
        try:
            with Wiring(self._settings) as wiring:
                while not self._done.is_set():
                    self._search(wiring)
                    self.rounds += 1
        except BaseException as fault:
            self._fault = fault

    def _search(self, wiring: Wiring) -> None:
        reader, at_least = wiring.reader(), max(self.count, len(self._old))
        all_of_them = reader.search(Search(limit=1, facets=("source",)))
        word = reader.search(Search(parse("dossier", wiring.clock(), shipped_taxonomy()), limit=1))
        counts = [all_of_them.total, sum(all_of_them.facets["source"].values()), word.total, reader.count()]
        # Each asked after the one before, and articles only come.
        assert [at_least, *counts] == sorted([at_least, *counts]), f"went down: {at_least}, then {counts}"
        self.count = counts[-1]
        one = self._old[self.rounds % len(self._old)]
        hits = reader.search(Search(parse(f'"dossier {one}"', wiring.clock(), shipped_taxonomy()))).hits
        assert [hit.article.url for hit in hits] == [address(one)]
        got = reader.get(hits[0].article.id)
        # The one may be of before the other: articles are parsed anew once their source's template is learned.
        assert got
        assert (got.url, got.content_hash) == (address(one), hits[0].article.content_hash)


@pytest.mark.slow
def test_a_reindex_while_documents_arrive_and_searches_run(
    engines: Engines, tmp_path: Path, full: bool
) -> None:
    old, within = 100, 600.0
    new = 1000 if full or engines.name == "embedded" else 300
    engines = fresh(engines, tmp_path)
    settings = load_settings(**engines.settings)
    names = ["parser", "events", "indexer", "alerter"]
    with Wiring(settings) as wiring, Supervisor(settings.data, names, engines.environment()) as supervisor:
        send(wiring, range(old))
        settle(wiring, supervisor, old, within)
        meanwhile = 0
        with Searcher(settings, range(old)) as searcher:
            send(wiring, range(old, old + new))
            while searcher.sound() and indexed(wiring) < old + new:
                before, rounds = indexed(wiring), searcher.rounds
                done = reindex(engines)
                assert done.returncode == 0, done.stderr
                assert done.stdout.startswith("Rebuilt the index in ")
                if before < indexed(wiring) and rounds < searcher.rounds:
                    meanwhile += 1
            settle(wiring, supervisor, old + new, within)
        assert meanwhile, "documents came and searches ran while the index was rebuilt"
        found = everything(wiring)
        assert Counter(a.url for a in found) == Counter(address(n) for n in range(old + new))
        assert wiring.reader().count() == old + new


def refused(done: "subprocess.CompletedProcess[str]") -> str:
    """Why the command could not do it: one line."""
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line not in ("Rebuilding", STARTING)]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Error: ")
    return lines[0].removeprefix("Error: ")


@pytest.mark.slow
def test_without_articles_there_is_nothing_to_rebuild(engines: Engines, tmp_path: Path) -> None:
    engines = fresh(engines, tmp_path)
    if engines.name == "embedded":
        assert "nothing has been collected yet" in refused(reindex(engines))
    with Wiring(load_settings(**engines.settings)) as wiring:
        wiring.bus()
        assert "nothing has been indexed yet" in refused(reindex(engines))


@pytest.mark.slow
@pytest.mark.parametrize("engines", ["embedded"], indirect=True)
def test_a_damaged_index_is_made_anew(engines: Engines, tmp_path: Path) -> None:
    engines = fresh(engines, tmp_path)
    with Wiring(load_settings(**engines.settings)) as wiring:
        wiring.bus()
        wiring.writer().write(many(20, seed=1))
    (damaged,) = (tmp_path / "data" / "index").glob("search-*/meta.json")
    damaged.write_text("{")
    done = reindex(engines)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" s: 20 documents done, 20 searchable.\n")


@pytest.mark.slow
@pytest.mark.parametrize("engines", ["cluster"], indirect=True)
def test_an_index_of_another_version_is_made_anew(engines: Engines, tmp_path: Path) -> None:
    """As a program with other fields would have left it: the same articles, under the aliases of version 0."""
    engines = fresh(engines, tmp_path)
    prefix = engines.settings["prefix"]
    with (
        Wiring(load_settings(**engines.settings)) as wiring,
        Elasticsearch(engines.settings["index"]) as client,
    ):
        wiring.writer().write(many(20, seed=1))
        (index,) = client.indices.get_alias(index=f"{prefix}-articles-*")
        old = index.replace(f"-v{FIELDS}-", "-v0-")
        client.indices.create(
            index=old,
            mappings={"dynamic": False},
            aliases={name: {} for name in (f"{prefix}-articles", f"{prefix}-articles-v0")},
        )
        for hit in client.search(index=index, size=100)["hits"]["hits"]:
            client.index(index=old, id=hit["_id"], document=hit["_source"])
        client.indices.delete(index=index)
        client.indices.refresh(index=old)
        with pytest.raises(IndexUnavailable, match="another version"):
            wiring.reader().count()
        done = reindex(engines)
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith(" s: 20 documents done, 20 searchable.\n")
        assert len(everything(wiring)) == 20


@pytest.mark.slow
def test_a_second_reindex_says_that_one_is_under_way(engines: Engines, tmp_path: Path) -> None:
    engines = fresh(engines, tmp_path)
    with Wiring(load_settings(**engines.settings)) as wiring:
        wiring.bus()
        first = ask(wiring.store(), wiring.clock())
        assert "is being rebuilt already" in refused(reindex(engines))
        assert standing(wiring.store()) == first


def embedded(folder: Path) -> Engines:
    """Embedded engines that something was collected on."""
    # An indexer that waits for its turn to write does not notice that it is to stop: it is ended.
    engines = Engines("embedded", {"data": str(folder / "data"), "stop_within": "0.5"})
    with Wiring(load_settings(**engines.settings)) as wiring:
        wiring.bus()
    return engines


def test_without_an_indexer_that_can_begin_it_is_given_up(tmp_path: Path) -> None:
    engines = embedded(tmp_path)
    with Wiring(load_settings(**engines.settings)) as wiring:
        wiring.writer(0)  # so no indexer can begin
        said = refused(reindex(engines, "--timeout", "1.5"))
        assert said.startswith("no indexer has begun the rebuild, and nothing has moved for 1.5 s: given up")
        found = standing(wiring.store())
        assert found
        assert (found.state, found.reason) == ("failed", "was given up")


def test_interrupted_it_is_given_up(tmp_path: Path) -> None:
    engines = embedded(tmp_path)
    with Wiring(load_settings(**engines.settings)) as wiring:
        wiring.writer(0)  # so no indexer can begin
        command = subprocess.Popen(
            [*COMMAND, "reindex"],
            env={**os.environ, **engines.environment()},
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: standing(wiring.store()) is not None, 30)
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=180)
        assert command.returncode == 130, said
        assert said.splitlines()[-1] == "Stopped."
        found = standing(wiring.store())
        assert found
        assert found.state == "failed"


def test_servers_that_are_away_are_named(tmp_path: Path) -> None:
    engines = embedded(tmp_path)
    away = Engines("away", {**engines.settings, "index": "http://127.0.0.1:9"})
    assert "http://127.0.0.1:9" in refused(reindex(away))
