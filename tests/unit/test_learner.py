"""The learner over a store: what it keeps, what it publishes, what it has parsed again, and what a kill changes."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from services.parser.bounded import Sketched
from services.parser.items import Item, item_documents
from services.parser.sketching import sketch_document
from services.parser.templates.counts import KEPT_PAGES, MOST_KEPT, SourceCounts
from services.parser.templates.kept import (
    COUNTS,
    FIRST_PAGES,
    PARSE_AGAIN,
    TEMPLATES,
    Newest,
    counts_of,
    keep_counts,
    newest_template,
    publish,
    snapshot,
)
from services.parser.templates.learner import EVERYBODY_KNOWS, Learner, learner_service
from services.parser.templates.template import Template, decode_template
from shared.bus.port import Bus, Record
from shared.contracts.messages import FetchedDocument
from shared.contracts.wire import Headers, Outgoing, Received, encode, new_traceparent
from shared.errors import BadMessage, StepError, Unavailable
from shared.store.port import Store, Stored, StoreUnavailable, Write
from shared.store.sqlite import SqliteStore, open_sqlite_store
from tests.unit.runner_turns import START, Clock, Turns, outcomes, read_all
from tests.unit.site_family import SITES, pages_of

SITE = next(site for site in SITES if site.name == "fonar")
PAGES = [page.document for page in pages_of(SITE)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sketched(documents: Sequence[FetchedDocument]) -> Iterable[Sketched | StepError]:
    return [Sketched(sketch=sketch_document(document)) for document in documents]


def received(document: FetchedDocument) -> Received:
    record = Record("fetched", 0, 0, document.url, b"", {}, 0)
    return Received(record, document, Headers("m", "fetched/1", new_traceparent()))


def counted(learner: Learner, documents: Sequence[FetchedDocument], batch: int = 1) -> None:
    for at in range(0, len(documents), batch):
        learner.step([received(document) for document in documents[at : at + batch]])


def always(_topic: str, _key: str) -> bool:
    return True


def waiting(store: Store) -> int:
    return store.count(PARSE_AGAIN, {"state": "waiting"})


def test_templates_are_numbered_and_never_change(store: Store, clock: Clock) -> None:
    learner = Learner(sketched, store, clock)
    made: dict[int, Template] = {}
    for document in PAGES:
        counted(learner, [document])
        template = newest_template(store, "fonar")
        if template:
            assert made.setdefault(template.number, template) == template
    assert list(made) == list(range(1, len(made) + 1))
    for number, template in made.items():
        assert snapshot(store, "fonar", number) == template


def test_a_page_delivered_again_counts_once(store: Store, clock: Clock) -> None:
    learner = Learner(sketched, store, clock)
    counted(learner, PAGES[:12])
    before = counts_of(store, "fonar")
    newest = newest_template(store, "fonar")
    counted(learner, PAGES[:12], batch=5)
    assert counts_of(store, "fonar") == before
    assert newest_template(store, "fonar") == newest


def test_texts_that_a_page_was_split_into_are_no_pages_of_its_source(store: Store, clock: Clock) -> None:
    learner = Learner(sketched, store, clock)
    newsletter = PAGES[0]
    texts = [Item(f"Text {n}", (f"What number {n} says of the gate.",)) for n in range(6)]
    items = item_documents(newsletter, texts)
    counted(learner, items, batch=4)
    assert counts_of(store, "fonar")[0].groups == {}
    counted(learner, [items[0], newsletter, items[1]], batch=3)
    assert _counted(store) == 1
    assert store.count(FIRST_PAGES) == 1


@pytest.mark.parametrize("batch", [1, 7, 32])
def test_batches_do_not_matter_to_the_counts(store: Store, clock: Clock, batch: int) -> None:
    counted(Learner(sketched, store, clock), PAGES[:40], batch)
    pages = [group.pages for group in counts_of(store, "fonar")[0].groups.values()]
    ((kept),) = pages
    assert [page.at for page in kept] == [document.fetched_at for document in PAGES[16:40]]


def test_first_pages_are_parsed_again_once_every_parser_knows_the_template(
    store: Store, clock: Clock
) -> None:
    learner = Learner(sketched, store, clock)
    counted(learner, PAGES[:5])
    assert waiting(store)
    assert learner.send_again(clock(), always).outputs == ()
    later = clock() + EVERYBODY_KNOWS
    assert learner.send_again(later, lambda _topic, _key: False).outputs == ()
    again = learner.send_again(later, always)
    assert [(out.topic, out.mode, out.message) for out in again.outputs] == [
        ("fetched", "backfill", document) for document in PAGES[:5]
    ]
    # Not done until it is out: a kill in between sends them again.
    assert waiting(store)
    store.put_many(again.remember)
    assert not waiting(store)
    assert learner.send_again(later, always).outputs == ()


def test_first_pages_are_kept_and_more_only_while_the_template_is_new(store: Store, clock: Clock) -> None:
    learner = Learner(sketched, store, clock)

    def kept() -> int:
        return sum(len(group.kept) for group in counts_of(store, "fonar")[0].groups.values())

    counted(learner, PAGES[:30], batch=10)
    assert kept() == 30
    clock.now += EVERYBODY_KNOWS
    counted(learner, PAGES[30:], batch=10)
    assert KEPT_PAGES < kept() == 30 < MOST_KEPT


def test_a_learned_change_has_pages_parsed_again(store: Store, clock: Clock) -> None:
    learner = Learner(sketched, store, clock)
    counted(learner, PAGES[:30])
    store.put_many(learner.send_again(clock() + EVERYBODY_KNOWS, always).remember)
    number = _number(store)
    counted(learner, PAGES[30:40])
    assert _number(store) > number
    assert learner.send_again(clock() + EVERYBODY_KNOWS, always).outputs


def test_pages_that_come_out_of_order_are_learned_from_too(store: Store, clock: Clock) -> None:
    # Partitions are read one after the other: the newest page may well come first.
    learner = Learner(sketched, store, clock)
    counted(learner, [PAGES[39], *PAGES[:31]], batch=32)
    number = _number(store)
    counted(learner, PAGES[31:39], batch=8)
    assert _number(store) == number + 1


def _number(store: Store) -> int:
    template = newest_template(store, "fonar")
    assert template
    return template.number


def test_what_cannot_be_read_is_not_counted_and_holds_nobody_up(store: Store, clock: Clock) -> None:
    def half(documents: Sequence[FetchedDocument]) -> Iterable[Sketched | StepError]:
        return [
            BadMessage("no page") if n % 2 else found
            for n, found in enumerate(sketched(documents))
            if isinstance(found, Sketched)
        ]

    verdicts = Learner(half, store, clock).step([received(document) for document in PAGES[:6]])
    assert len(verdicts) == 6
    (group,) = counts_of(store, "fonar")[0].groups.values()
    assert len(group.pages) == 3


def test_without_workers_the_learner_waits(store: Store, clock: Clock) -> None:
    def away(documents: Sequence[FetchedDocument]) -> Iterable[Sketched | StepError]:
        return [Unavailable("no worker") for _ in documents]

    with pytest.raises(Unavailable, match="no worker"):
        Learner(away, store, clock).step([received(PAGES[0])])


class Killed(Exception):
    """The process ends here."""


class Mortal(SqliteStore):
    """A store whose user is killed before write number `at`."""

    def __init__(self, folder: Path, at: int) -> None:
        super().__init__(folder, 5.0)
        self._left = at

    def put(self, write: Write) -> Stored:
        self._left -= 1
        if self._left < 0:
            raise Killed
        return super().put(write)


def test_killed_at_any_write_it_counts_all_and_parses_all_again(tmp_path: Path, clock: Clock) -> None:
    whole = open_sqlite_store(tmp_path / "whole")
    counted(Learner(sketched, whole, clock), PAGES[:6])
    for at in range(25):
        folder = tmp_path / f"{at}"
        done = 0
        mortal = Mortal(folder, at)
        try:
            for done in range(6):
                Learner(sketched, mortal, clock).step([received(PAGES[done])])
            done = 6
        except Killed:
            pass
        mortal.close()
        store = open_sqlite_store(folder)
        counted(Learner(sketched, store, clock), PAGES[done:6])
        assert _pages(store) == _pages(whole)
        template, expected = newest_template(store, "fonar"), newest_template(whole, "fonar")
        assert template
        assert expected
        assert template.groups == expected.groups
        sent = Learner(sketched, store, clock).send_again(clock() + EVERYBODY_KNOWS, always)
        assert {out.key for out in sent.outputs} >= {document.url for document in PAGES[:5]}
        store.close()
    whole.close()


def _pages(store: Store) -> list[object]:
    return [group.pages for group in counts_of(store, "fonar")[0].groups.values()]


def test_two_learners_of_one_source_lose_nothing(store: Store, clock: Clock) -> None:
    one, other = Learner(sketched, store, clock), Learner(sketched, store, clock)
    seen = counts_of(store, "fonar")
    counted(one, PAGES[:8:2])
    # What was read before is not written over what came meanwhile.
    assert not keep_counts(store, SourceCounts(source="fonar"), seen[1])
    counted(other, PAGES[1:8:2])
    (group,) = counts_of(store, "fonar")[0].groups.values()
    assert [page.at for page in group.pages] == [document.fetched_at for document in PAGES[:8]]


class Contended(SqliteStore):
    """Somebody else counts just before our first counts are written."""

    meanwhile: Callable[[], None] | None = None

    def put(self, write: Write) -> Stored:
        if write.collection == COUNTS and self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            act()
        return super().put(write)


def test_a_learner_that_was_overtaken_reads_again(tmp_path: Path, store: Store, clock: Clock) -> None:
    contended = Contended(tmp_path / "store", 5.0)
    contended.meanwhile = lambda: counted(Learner(sketched, store, clock), PAGES[:3], batch=3)
    counted(Learner(sketched, contended, clock), PAGES[3:8], batch=5)
    (group,) = counts_of(store, "fonar")[0].groups.values()
    assert [page.at for page in group.pages] == [document.fetched_at for document in PAGES[:8]]
    contended.close()


def test_a_number_is_never_given_twice(store: Store) -> None:
    first = Template(source="s", number=1, groups={})
    other = Template(source="s", number=1, groups={"g": {}})  # type: ignore[dict-item]
    assert publish(store, first)
    assert publish(store, first)
    assert not publish(store, other)
    assert publish(store, Template(source="s", number=3, groups={}))
    # One that comes late is kept and is not the newest.
    assert publish(store, Template(source="s", number=2, groups={}))
    newest = store.get(TEMPLATES, "s")
    assert newest
    assert decode_template(newest.body).number == 3


class Counting(SqliteStore):
    """Counts what is read."""

    reads = 0

    def get(self, collection: str, id: str):  # type: ignore[no-untyped-def]
        self.reads += 1
        return super().get(collection, id)


def test_a_template_is_read_once_in_a_while(tmp_path: Path) -> None:
    store, now = Counting(tmp_path, 5.0), [0.0]
    newest = Newest(store, lambda: now[0], 3.0)
    publish(store, Template(source="s", number=9, groups={}))
    store.reads = 0
    for _ in range(100):
        template = newest.of("s")
        assert template
        assert template.number == 9
    assert store.reads == 1
    publish(store, Template(source="s", number=10, groups={}))
    store.reads, now[0] = 0, 2.9
    assert newest.of("s").number == 9  # type: ignore[union-attr]
    now[0] = 3.0
    assert newest.of("s").number == 10  # type: ignore[union-attr]
    assert store.reads == 1
    # A source that nothing is known of yet is asked for more often.
    assert newest.of("new") is None
    publish(store, Template(source="new", number=1, groups={}))
    now[0] = 3.4
    assert newest.of("new")
    store.close()


def test_on_the_bus_it_counts_both_lanes_and_tells_no_journey(bus: Bus, store: Store, clock: Clock) -> None:
    _send(bus, PAGES[:10], "live")
    _send(bus, PAGES[10:14], "backfill")
    service = learner_service(sketched, store, clock)
    Turns(service, bus, store, clock).until(lambda: _counted(store) == 14)
    assert outcomes(bus) == []
    assert newest_template(store, "fonar")
    clock.now = START + EVERYBODY_KNOWS + timedelta(seconds=1)
    Turns(service, bus, store, clock).until(lambda: not waiting(store))
    assert {d.url for d in read_all(bus, "fetched-backfill")} == {d.url for d in PAGES[:14]}
    # They come to the learner too and were counted before.
    before = counts_of(store, "fonar")
    Turns(service, bus, store, clock).until(lambda: not _lag(bus))
    assert counts_of(store, "fonar") == before


def _counted(store: Store) -> int:
    return sum(len(group.pages) for group in counts_of(store, "fonar")[0].groups.values())


def _lag(bus: Bus) -> int:
    return sum(bus.lag("learner", ["fetched", "fetched-backfill"]).values())


def _send(bus: Bus, documents: Sequence[FetchedDocument], mode: str) -> None:
    producer = bus.producer()
    producer.produce(
        [
            encode(
                Outgoing("fetched", document.url, document),
                message_id=document.url,
                traceparent=new_traceparent(),
                mode="live" if mode == "live" else "backfill",
            )
            for document in documents
        ]
    )
    producer.close()


def test_a_store_that_is_away_is_waited_for(tmp_path: Path, clock: Clock) -> None:
    store = open_sqlite_store(tmp_path / "store")
    store.close()
    with pytest.raises(StoreUnavailable):
        Learner(sketched, store, clock).step([received(PAGES[0])])
