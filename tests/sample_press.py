"""The sample press for tests: its articles, what the pipeline should make of them, and its pages as documents."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from services.crawler.documents import document
from services.sample.addresses import Addresses
from services.sample.answers import Answer, Answers, Question
from services.sample.press import Article, Press, load_press
from services.sample.site import sample_sources
from services.sample.timeline import Timeline
from shared.contracts.messages import FetchedDocument

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
# When the late article is out and the wrong one is corrected.
LATER = START + timedelta(seconds=600)
ROOT = "http://127.0.0.1:8123"
AT = Addresses(ROOT)


@cache
def press() -> Press:
    return load_press()


@cache
def expected() -> dict[str, dict[str, Any]]:
    """By article id: what it is about, as judged from its text."""
    told: dict[str, dict[str, Any]] = yaml.safe_load(
        (Path(__file__).parent / "sample_expected.yaml").read_text(encoding="utf-8")
    )
    blank: dict[str, Any] = {"alliances": [], "mentions": [], "event_types": [], "event": None, "phase": None}
    return {id: {**blank, "near_duplicate": None, **row} for id, row in told.items()}


@cache
def site() -> Answers:
    return Answers(press(), AT, Timeline(START, 60, 90))


def ask(url: str, now: datetime = LATER, /, **conditions: str) -> Answer:
    """What the site answers at an address."""
    parts = urlsplit(url)
    return site().answer(Question(path=unquote(parts.path), query=parts.query, **conditions), now)


def documents(now: datetime = LATER) -> Iterator[FetchedDocument]:
    """The page of every article, as a crawler would have fetched it."""
    sources = {source.id: source for source in sample_sources(press(), ROOT)}
    for article in press().articles.values():
        answer = ask(AT.article(article), now)
        source = sources[f"sample-{article.outlet}"]
        yield document(answer.body, url=AT.article(article), media_type="text/html", source=source, now=now)


def furniture(article: Article) -> list[str]:
    """What stands around an article: the outlet's own lines, the credit, other headlines, what the label says."""
    told = press().outlets[article.outlet].words[article.language]
    filled = [
        line.format(
            author=", ".join(article.authors), section=told["nav"][article.section], name=article.credit
        )
        for line in (*told["furniture"].values(), told["credit"])
    ]
    reprint = [article.reprint] if article.reprint else []
    return [*filled, *article.others, *reprint, press().labels[article.language]]
