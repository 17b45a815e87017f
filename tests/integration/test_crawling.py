"""The crawler over the network: real bus, store, runner and HTTP, on this machine alone, by a clock of the test's own."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from shared.contracts.messages import Source
from tests.integration.crawling import Crawl, Reply, Site, item, page, rss
from tests.unit.runner_turns import START, Clock

FEED = {"Content-Type": "application/rss+xml"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(clock: Clock) -> Iterator[Site]:
    with Site(clock) as site:
        yield site


class Crawls:
    def __init__(self, data: Path, clock: Clock) -> None:
        self._data, self._clock, self._open = data, clock, list[Crawl]()

    def __call__(self, *sources: Source) -> Crawl:
        crawl = Crawl(self._data, self._clock, sources)
        self._open.append(crawl)
        return crawl

    def close(self) -> None:
        for crawl in self._open:
            crawl.close()


@pytest.fixture
def crawls(tmp_path: Path, clock: Clock) -> Iterator[Crawls]:
    crawls = Crawls(tmp_path, clock)
    yield crawls
    crawls.close()


def feed_source(site: Site, **options: Any) -> Source:
    options = {"id": "desk", "kind": "feed", "url": site.url("/feed"), "interval": 60.0, "delay": 0.0} | options
    return Source(**options)


def test_a_new_article_is_fetched_exactly_once(site: Site, crawls: Crawls, clock: Clock) -> None:
    before, after = (format_datetime(START + timedelta(hours=h)) for h in (-5, 5))
    site.pages["one.example/feed"] = Reply(rss(item("Old", "/old", published=before)), headers=FEED)
    site.pages["one.example/old"] = page("It was there before.")
    crawl = crawls(feed_source(site))
    crawl.until(lambda: len(crawl.documents("fetched-backfill")) == 1)
    assert crawl.documents() == []
    site.pages["one.example/feed"] = Reply(
        rss(item("New", "new?utm_source=rss", published=after), item("Old", "/old", published=before)), headers=FEED
    )
    site.pages["one.example/new"] = page("It has just come.")
    crawl.until(lambda: len(crawl.documents()) == 1)
    crawl.run_for(300)
    (document,) = crawl.documents()
    assert document.url == site.url("/new")
    assert document.entry is not None
    assert document.entry.title == "New"
    assert b"It has just come." in zstandard.decompress(document.body)
    assert (site.count("/new"), site.count("/old"), site.count("/robots.txt")) == (1, 1, 1)
    assert site.count("/feed") >= 5
    assert {a.headers["user-agent"].split("/")[0] for a in site.asked} == {"HeritageWire"}
    assert crawl.says("desk") == "nothing has changed (2 entries); next look in 1 minute"
