"""Templates and counts on both stores: what one process keeps another reads, and nobody writes over anybody."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import pytest

from services.parser.bounded import Sketched
from services.parser.sketching import sketch_document
from services.parser.templates.counts import SourceCounts
from services.parser.templates.kept import counts_of, keep_counts, newest_template, publish, snapshot
from services.parser.templates.learner import EVERYBODY_KNOWS, Learner
from services.parser.templates.template import LearnedGroup, Template
from shared.bus.port import Record
from shared.contracts.messages import FetchedDocument
from shared.contracts.wire import Headers, Received, new_traceparent
from shared.errors import StepError
from shared.store.port import Store
from tests.contract.store_engines import StoreFactory
from tests.unit.site_family import SITES, pages_of
from tests.waiting import wait_until

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def store(store_factory: StoreFactory) -> Iterator[Store]:
    store = store_factory()
    yield store
    store.close()


def sketched(documents: Sequence[FetchedDocument]) -> Iterable[Sketched | StepError]:
    return [Sketched(sketch=sketch_document(document)) for document in documents]


def received(document: FetchedDocument) -> Received:
    record = Record("fetched", 0, 0, document.url, b"", {}, 0)
    return Received(record, document, Headers("m", "fetched/1", new_traceparent()))


def test_what_one_learner_keeps_the_next_goes_on_with(store: Store, store_factory: StoreFactory) -> None:
    pages = [page.document for page in pages_of(SITES[0])][:24]
    other = store_factory()
    for n, document in enumerate(pages):
        Learner(sketched, (store, other)[n % 2], lambda: NOW).step([received(document)])
    counts, _ = counts_of(other, "lantern")
    assert sum(len(group.pages) for group in counts.groups.values()) == len(pages)
    template = newest_template(store, "lantern")
    assert template
    assert template == newest_template(other, "lantern") == snapshot(other, "lantern", template.number)
    later = NOW + EVERYBODY_KNOWS
    learner = Learner(sketched, other, lambda: NOW)

    # A listing may be a second old.
    def sent() -> bool:
        outputs = learner.send_again(later, lambda _topic, _key: True).outputs
        return {out.key for out in outputs} >= {document.url for document in pages[:10]}

    wait_until(sent, 10)
    other.close()


def test_counts_are_written_over_what_was_read_or_not_at_all(store: Store) -> None:
    counts, version = counts_of(store, "s")
    assert keep_counts(store, counts, version)
    assert not keep_counts(store, SourceCounts(source="s"), version)
    assert keep_counts(store, counts, counts_of(store, "s")[1])


def test_snapshots_never_change(store: Store) -> None:
    one = Template(source="s", number=1, groups={})
    other = Template(source="s", number=1, groups={"g": LearnedGroup(pages=(), lines=())})
    assert publish(store, one)
    assert not publish(store, other)
    assert snapshot(store, "s", 1) == one == newest_template(store, "s")
