"""What arrives one by one, in any order, batching and number of times, is grouped as if it had come at once."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.events.cluster import cluster
from services.events.compose import compose
from services.events.documents import ARTICLES, decode_article
from services.events.duplicates import duplicate_groups, is_duplicate, leader
from services.events.keys import event_keys
from services.events.profile import profile
from services.events.registry import Registry, member
from services.events.relation import same_event
from services.events.service import EventsStep
from shared.contracts.article import Article
from shared.contracts.events import EVENTS, current_event, decode_event
from shared.contracts.messages import ArticleUpdate, EventFacts, ParsedArticle
from shared.runner.service import Handled
from shared.store.port import Store
from shared.store.sqlite import open_sqlite_store
from tests.unit.events_samples import POOL, of, parsed, received

IDS = [f"a{n}" for n in range(10)]


def test_relation_is_symmetric_and_its_keys_complete() -> None:
    described = [(p, event_keys(p)) for p in map(profile, POOL) if p]
    related = 0
    for (a, of_a), (b, of_b) in combinations(described, 2):
        assert is_duplicate(a, b) == is_duplicate(b, a)
        assert same_event(a, b) == same_event(b, a)
        if same_event(a, b):
            related += 1
            assert of_a.probed & of_b.posted, (a, b)
            assert of_b.probed & of_a.posted, (a, b)
    assert related > 1000


arrivals = st.tuples(st.sampled_from(IDS), st.sampled_from(POOL)).map(lambda drawn: of(*drawn))
histories = st.lists(arrivals, min_size=2, max_size=18)


@given(histories)
@settings(max_examples=1000, deadline=None)
def test_one_by_one_is_as_all_at_once(history: list[EventFacts]) -> None:
    registry = Registry()
    for arrival in history:
        registry.apply(registry.plan(arrival.article_id, member(parsed(arrival).article, arrival)))
    last = {f.article_id: f for f in history}
    assert registry.events() == cluster(last.values())
    for group in duplicate_groups(last.values()):
        first = leader([last[id] for id in group])
        assert {registry.placement(id).duplicate_of for id in group - {first}} <= {first}
        assert registry.placement(first).duplicate_of is None
        assert len(registry.placement(first).carried_by) == len(group) - 1


@given(st.lists(st.sampled_from(POOL), min_size=10, max_size=10), st.permutations(range(10)))
@settings(max_examples=500, deadline=None)
def test_the_order_changes_nothing_but_ids(drawn: list[EventFacts], shuffled: list[int]) -> None:
    told = [of(id, each) for id, each in zip(IDS, drawn, strict=True)]
    results = []
    for order in (told, [told[n] for n in shuffled]):
        registry = Registry()
        titles: dict[str, str] = {}
        for arrival in order:
            plan = registry.plan(arrival.article_id, member(parsed(arrival).article, arrival))
            registry.apply(plan)
        for id in IDS:
            event = registry.placement(id).event
            titles[id] = event.title if event else ""
        results.append((registry.events(), titles, [registry.placement(id).carried_by for id in IDS]))
    assert results[0] == results[1]


class Run:
    """Drives the step as the runner does: outputs are sent, then the writes kept, then comes the next batch."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.step = EventsStep(store)
        self.step.reload()
        self.seen: dict[str, Article] = {}
        self.ids: set[str] = set()

    def batch(self, messages: Sequence[ParsedArticle], killed: str = "") -> list[ArticleUpdate]:
        verdicts = self.step.step([received(m) for m in messages])
        handled = [v for v in verdicts if isinstance(v, Handled)]
        assert len(handled) == len(messages)
        sent = [out.message for h in handled for out in h.outputs if isinstance(out.message, ArticleUpdate)]
        if killed != "before outputs":
            self.seen.update((u.article.id, u.article) for u in sent)
            self.ids.update(u.article.event.id for u in sent if u.article.event)
        if not killed:
            self.store.put_many([w for h in handled for w in h.remember])
        else:
            self.step = EventsStep(self.store)
            self.step.reload()
            return self.batch(messages)
        return sent


@contextmanager
def empty_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_sqlite_store(Path(folder))
        yield store
        store.close()


@given(
    histories,
    st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(("", "", "before outputs", "after outputs"))),
        min_size=18,
        max_size=18,
    ),
)
@settings(max_examples=60, deadline=None)
def test_what_was_sent_is_what_is_kept_and_right(
    history: list[EventFacts], batches: list[tuple[int, str]]
) -> None:
    messages = [parsed(f, fetched=n, content=f"content {n // 2 % 3}") for n, f in enumerate(history)]
    last = {m.article.id: m for m in messages}
    with empty_store() as store:
        run = Run(store)
        at = 0
        for size, killed in batches:
            if batch := messages[at : at + size]:
                run.batch(batch, killed)
            at += size
        _holds(run, last)
        assert run.batch(list(last.values())) == []
        assert run.batch(messages) == []
        # A standby that takes over knows the same.
        other = Run(store)
        assert other.batch(list(last.values())) == []


def _holds(run: Run, last: dict[str, ParsedArticle]) -> None:
    """Readers, who know only what was sent, see the events and copies of the last facts."""
    facts = [m.facts for m in last.values()]
    for id, stored in run.store.get_many(ARTICLES, list(last)).items():
        kept = decode_article(stored.body).article
        assert kept == replace(run.seen[id], fetched_at=kept.fetched_at)
    assert run.seen.keys() == last.keys()
    by_event: dict[str, set[str]] = {}
    for id, article in run.seen.items():
        if article.event:
            by_event.setdefault(article.event.id, set()).add(id)
    assert frozenset(map(frozenset, by_event.values())) == cluster(facts)
    for event, ids in by_event.items():
        held = run.store.get(EVENTS, event)
        assert held
        document = decode_event(held.body)
        assert set(document.articles) == ids
        assert document.facts == compose(member(run.seen[id], last[id].facts) for id in ids)
        assert {run.seen[id].event.title for id in ids} == {document.facts.title}  # type: ignore[union-attr]
    for group in duplicate_groups(facts):
        first = leader([last[id].facts for id in group])
        assert {id: run.seen[id].duplicate_of for id in group} == {
            id: None if id == first else first for id in group
        }
        assert {c.url for c in run.seen[first].carried_by} == {run.seen[id].url for id in group - {first}}
    for id in run.ids:
        assert (found := current_event(run.store, id))
        assert found.articles == () or found.id in by_event
