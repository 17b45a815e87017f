"""The sample site crawled as any other: all of it found by feeds and a list, the late article and the correction too."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.sample.addresses import Addresses
from services.sample.site import SampleSite
from shared.contracts.article import Article
from tests.integration.flow import Flow
from tests.sample_press import START, press
from tests.waiting import wait_until

WITHIN = 120.0


class Crawl:
    """The site, its own clock, and the pipeline that reads it."""

    def __init__(self, data: Path) -> None:
        self.now = START
        self.site = SampleSite(started_at=START, clock=self.clock)
        self.at = Addresses(self.site.address)
        self.flow = Flow(
            data,
            names=("crawler", "parser", "events", "indexer"),
            engines={"sample": self.site.address, "catalogue": "false"},
        )

    def clock(self) -> datetime:
        return self.now

    def read(self) -> dict[str, Article]:
        """The searchable articles by their id in the press."""
        ids = {self.at.article(a): a.id for a in press().articles.values()}
        ids |= {self.at.in_feed(a): a.id for a in press().articles.values()}
        return {ids[a.url]: a for a in self.flow.everything()}


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    crawl = Crawl(tmp_path_factory.mktemp("crawl"))
    with crawl.site, crawl.flow:
        yield crawl


def test_all_is_found_then_the_late_article_then_the_correction(crawl: Crawl) -> None:
    (late,) = (a for a in press().articles.values() if a.published is None)
    (wrong,) = (a for a in press().articles.values() if a.correction)
    assert wrong.correction
    first = press().articles.keys() - {late.id}
    wait_until(lambda: crawl.read().keys() == first, WITHIN, lambda: str(first - crawl.read().keys()))
    found = crawl.read()
    assert Counter(a.source.id for a in found.values()) == Counter(
        f"sample-{a.outlet}" for a in press().articles.values() if a.id != late.id
    )
    assert {a.revision for a in found.values()} == {1}
    assert wrong.correction.wrong in found[wrong.id].text

    crawl.now = START + timedelta(seconds=61)
    wait_until(lambda: late.id in crawl.read(), WITHIN, lambda: "the late article")
    appeared = crawl.read()[late.id]
    assert appeared.published_at == START + timedelta(seconds=60)
    assert appeared.event
    assert [a for a in crawl.read().values() if a.event == appeared.event] == [appeared]

    crawl.now = START + timedelta(seconds=91)
    wait_until(lambda: crawl.read()[wrong.id].revision == 2, WITHIN, lambda: "the correction")
    corrected = crawl.read()[wrong.id]
    assert wrong.correction.right in corrected.text
    assert corrected.modified_at == START + timedelta(seconds=90)
    assert corrected.event == found[wrong.id].event
    assert len(crawl.read()) == len(press().articles)


def test_addresses_are_clean(crawl: Crawl) -> None:
    """Tracking is left out, and what redirects knows the page's own address."""
    wait_until(lambda: len(crawl.read()) >= len(press().articles) - 1, WITHIN, lambda: "the articles")
    for id, article in crawl.read().items():
        assert "utm_" not in article.url
        assert article.canonical_url in (crawl.at.article(press().articles[id]), None)
