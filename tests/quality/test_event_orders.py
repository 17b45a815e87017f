"""The development articles in any order, batching and number of parsers, killed now and then: the same events.

A few runs each time; 1,000 with `--full`.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from shutil import rmtree

import msgspec

from services.events.cluster import cluster
from services.events.duplicates import duplicate_groups
from services.events.service import EventsStep
from shared.contracts.article import Article
from shared.contracts.events import EVENTS, decode_event
from shared.contracts.messages import ArticleUpdate, ParsedArticle
from shared.runner.service import Handled
from shared.store.port import Store
from shared.store.sqlite import open_sqlite_store
from tests.quality.labelled_sets import found_in
from tests.unit.events_samples import received

RUNS, ALL_RUNS = 12, 1000
MOST_PARSERS, LARGEST_BATCH = 8, 20
ONE_IN = 15
"""Of so many batches one is lost before, one after its outputs are out; another process takes over from the store."""


def messages() -> list[ParsedArticle]:
    """The development articles and the seeds, as parsed."""
    found = [*found_in("devset"), *found_in("seeds")]
    return [one.parsed for one in found if one.parsed]


def as_parsers_give_them(sent: Sequence[ParsedArticle], random: Random) -> list[ParsedArticle]:
    """The articles in the order in which some parsers get done with them, each having its own."""
    queues: list[list[ParsedArticle]] = [[] for _ in range(random.randint(1, MOST_PARSERS))]
    for message in random.sample(sent, len(sent)):
        random.choice(queues).append(message)
    order = [number for number, queue in enumerate(queues) for _ in queue]
    random.shuffle(order)
    return [queues[number].pop() for number in order]


def batches(sent: Sequence[ParsedArticle], random: Random) -> Iterator[Sequence[ParsedArticle]]:
    """The articles in batches of any size."""
    at = 0
    while at < len(sent):
        size = random.randint(1, LARGEST_BATCH)
        yield sent[at : at + size]
        at += size


def run(store: Store, sent: Sequence[ParsedArticle], random: Random) -> Mapping[str, Article]:
    """Send them; returns what a reader has who was told everything that went out."""
    step = EventsStep(store)
    step.reload()
    seen: dict[str, Article] = {}
    for batch in batches(as_parsers_give_them(sent, random), random):
        fate = random.randrange(ONE_IN)
        if fate == 0:
            _told(step, batch)  # worked out, and lost
        if fate == 1:
            seen.update(_told(step, batch)[0])  # sent, and not remembered
        if fate < 2:
            step = EventsStep(store)
            step.reload()
        told, handled = _told(step, batch)
        seen.update(told)
        store.put_many([write for each in handled for write in each.remember])
    return seen


def _told(step: EventsStep, batch: Sequence[ParsedArticle]) -> tuple[dict[str, Article], list[Handled]]:
    verdicts = step.step([received(message) for message in batch])
    handled = [verdict for verdict in verdicts if isinstance(verdict, Handled)]
    assert len(handled) == len(batch)
    updates = [out.message for each in handled for out in each.outputs]
    return {u.article.id: u.article for u in updates if isinstance(u, ArticleUpdate)}, handled


def picture(store: Store, seen: Mapping[str, Article]) -> list[bytes]:
    """Events with all their facts and articles, and what each article says of its copies; without the ids of events."""
    events = [decode_event(stored.body) for stored in store.list(EVENTS, {"state": "live"})]
    titles = {event.id: event.facts.title for event in events if event.facts}
    lines = [msgspec.json.encode((event.articles, event.facts)) for event in events]
    for id, article in sorted(seen.items()):
        title = titles[article.event.id] if article.event else None
        lines.append(msgspec.json.encode((id, title, article.duplicate_of, article.carried_by)))
    return sorted(lines)


def test_any_order_and_batching_gives_the_same_events(tmp_path: Path, full: bool) -> None:
    sent = messages()
    first: list[bytes] = []
    for number in range(ALL_RUNS if full else RUNS):
        store = open_sqlite_store(tmp_path / str(number))
        seen = run(store, sent, Random(number))
        assert len(seen) == len(sent)
        found = picture(store, seen)
        store.close()
        rmtree(tmp_path / str(number))
        first = first or found
        assert found == first, f"run {number} gave other events"
    assert len({line for line in first if line.startswith(b"[[")}) == len(cluster(m.facts for m in sent))
    assert any(len(group) > 1 for group in duplicate_groups(m.facts for m in sent))
