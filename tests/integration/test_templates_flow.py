"""From fetched pages to articles: learned furniture goes, kept pages are parsed again, and nobody takes it for news."""

from collections.abc import Iterator
from functools import partial

import pytest

from services.events.service import events_service
from services.parser.bounded import parser_pool, sketch_all
from services.parser.service import parser_service
from services.parser.templates.kept import PARSE_AGAIN, newest_template
from services.parser.templates.learner import EVERYBODY_KNOWS, learner_service
from shared.bus.port import Bus
from shared.contracts.messages import ArticleUpdate
from shared.contracts.topics import topic_of
from shared.contracts.wire import Outgoing, encode, new_traceparent
from shared.runner.service import Service
from shared.store.port import Store
from shared.workers.pool import WorkerPool
from tests.unit.runner_turns import Clock, Turns, read_all
from tests.unit.site_family import SITES, SitePage, pages_of

# Without the copies of one story: they would be told of once more as they find together.
PAGES = list({p.article: p for p in pages_of(next(s for s in SITES if s.name == "fonar"))}.values())[:24]
FIRST = 12


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    pool = parser_pool(workers=1)
    yield pool
    pool.close()


def test_pages_met_before_their_template_are_parsed_again_and_are_no_news(
    pool: WorkerPool, bus: Bus, store: Store
) -> None:
    clock = Clock()
    learner = learner_service(partial(sketch_all, pool), store, clock)
    parser = parser_service(pool, store, clock.seconds)
    events = events_service(store)

    def work(*services: Service) -> None:
        for service in services:
            lanes = [lane for name in service.inputs for lane in topic_of(name).lanes()]
            Turns(service, bus, store, clock).until(lambda: not sum(bus.lag(service.name, lanes).values()))  # noqa: B023

    _send(bus, PAGES[:FIRST])
    # The parser is quicker than the learner: it knows nothing of the source yet.
    work(parser, learner, events)
    first: list[ArticleUpdate] = read_all(bus, "articles")
    assert [(u.change, u.article.template) for u in first] == [("new", None)] * FIRST
    assert any(_furniture(u, page) for u, page in _matched(first, PAGES[:FIRST]))

    clock.now += EVERYBODY_KNOWS
    Turns(learner, bus, store, clock).until(lambda: not store.count(PARSE_AGAIN, {"state": "waiting"}))
    work(parser, events)
    template = newest_template(store, "fonar")
    assert template
    again: list[ArticleUpdate] = read_all(bus, "articles-backfill")
    assert {u.article.id for u in again} == {u.article.id for u in first}
    assert {(u.change, u.article.revision, u.article.template) for u in again} == {
        ("reparsed", 1, template.id)
    }
    for update, page in _matched(again, PAGES[:FIRST]):
        assert not _furniture(update, page)
        assert all(line in update.article.text for line in page.article)
        assert any(r.reason.startswith("learned: on ") for r in update.article.removed)
    assert len(read_all(bus, "articles")) == FIRST

    _send(bus, PAGES[FIRST:])
    work(parser, events)
    known = {u.article.id for u in first}
    later: list[ArticleUpdate] = [u for u in read_all(bus, "articles") if u.article.id not in known]
    assert {(u.change, u.article.template) for u in later} == {("new", template.id)}
    assert not any(_furniture(u, page) for u, page in _matched(later, PAGES[FIRST:]))


def _matched(updates: list[ArticleUpdate], pages: list[SitePage]) -> list[tuple[ArticleUpdate, SitePage]]:
    by_url = {page.document.url: page for page in pages}
    return [(update, by_url[update.article.url]) for update in updates]


def _furniture(update: ArticleUpdate, page: SitePage) -> list[str]:
    lines = update.article.text.split("\n")
    return [line for line in page.furniture if line in lines]


def _send(bus: Bus, pages: list[SitePage]) -> None:
    producer = bus.producer()
    producer.produce(
        [
            encode(
                Outgoing("fetched", page.document.url, page.document),
                message_id=page.document.url,
                traceparent=new_traceparent(),
                mode="live",
            )
            for page in pages
        ]
    )
    producer.close()
