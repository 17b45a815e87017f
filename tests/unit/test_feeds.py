"""Feeds: what strangers wrote comes out as text, in three formats that readers can read."""

from datetime import UTC, datetime
from typing import Any

import feedparser
import msgspec
import pytest
from lxml import etree

from shared.contracts.article import AllianceTag, Article, ArticleSource, EventRef, Evidence
from shared.contracts.deliveries import Delivery
from shared.feeds import Feed, FeedItem, article_item, atom, delivery_item, json_feed, rss, web_address

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script> & Temple\x00\x0b\ud7ff \ufffe<b>bold'


def article(**changes: Any) -> Article:
    given: dict[str, Any] = {
        "id": "abcd",
        "url": "https://example.org/news/1",
        "canonical_url": "https://example.org/news/1",
        "source": ArticleSource(id="s", name="The Herald"),
        "title": "Old bridge reopens",
        "text": "The bridge is open again.\n\nMasons worked for two years.",
        "first_seen_at": NOW,
        "fetched_at": NOW,
        "language": "en",
        "content_hash": "x",
        "parse_version": 1,
    }
    return Article(**{**given, **changes})


def delivery(**changes: Any) -> Delivery:
    given: dict[str, Any] = {
        "id": "a1",
        "subscription": "sub-1",
        "channel": "feed",
        "target": "private feed",
        "status": "delivered",
        "reason": "new",
        "article": "abcd",
        "url": "https://example.org/news/1",
        "title": "Old bridge reopens",
        "source": "The Herald",
        "event": EventRef(id="e1", title="Reopening of the bridge"),
        "matched": (Evidence(text="bridge", field="title", start=4, end=10),),
        "created_at": NOW,
        "delivered_at": NOW,
    }
    return Delivery(**{**given, **changes})


def feed(*items: FeedItem) -> Feed:
    return Feed("Bridges", "https://hw.example/feeds/x.atom", "https://hw.example/?q=bridge", NOW, items)


def read(made: bytes) -> Any:
    found = feedparser.parse(made)
    assert not found.bozo, found
    return found


@pytest.mark.parametrize("form", [atom, rss])
def test_a_reader_finds_everything(form: Any) -> None:
    tag = AllianceTag(
        id="acha", name="The Alliance", role="subject", confidence=1.0, rule="name", evidence=()
    )
    published = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    found = read(
        form(feed(article_item(article(alliances=(tag,), published_at=published)), delivery_item(delivery())))
    )
    assert found.feed.title == "Bridges"
    first, second = found.entries
    assert (first.id, first.title, first.link) == (
        "urn:heritage-wire:article:abcd",
        "Old bridge reopens",
        "https://example.org/news/1",
    )
    assert "Masons worked for two years." in first.get("content", [{"value": first.summary}])[0]["value"]
    assert first.published_parsed[:5] == (2026, 3, 1, 7, 30)
    assert [t.term for t in first.tags] == ["The Alliance"]
    assert first.author == "The Herald"
    assert second.id == "urn:heritage-wire:alert:a1"
    assert "Reopening of the bridge" in second.get("content", [{"value": second.summary}])[0]["value"]


def test_json_feed_is_complete() -> None:
    made = msgspec.json.decode(json_feed(feed(article_item(article()))))
    assert made["version"] == "https://jsonfeed.org/version/1.1"
    assert made["feed_url"] == "https://hw.example/feeds/x.atom"
    (item,) = made["items"]
    assert item["id"] == "urn:heritage-wire:article:abcd"
    assert item["url"] == "https://example.org/news/1"
    assert item["date_published"] == "2026-03-02T09:00:00Z"
    assert item["language"] == "en"


def test_hostile_text_stays_text() -> None:
    bad = article(title=HOSTILE, text=HOSTILE, authors=(HOSTILE,), url="javascript:alert(1)")
    made = feed(
        article_item(bad, page="https://hw.example/articles/abcd"), delivery_item(delivery(title=HOSTILE))
    )
    for form in (atom, rss):
        tree = etree.fromstring(form(made))
        html = next(
            e
            for e in tree.iter()
            if etree.QName(e).localname in ("content", "description") and "Temple" in str(e.text)
        )
        assert "<script" not in str(html.text)
        assert "&lt;script&gt;" in str(html.text)
        assert "javascript:" not in form(made).decode()
        assert "https://hw.example/articles/abcd" in form(made).decode()
    (item, _) = msgspec.json.decode(json_feed(made))["items"]
    assert "<script" not in item["content_html"]
    assert item["url"] == "https://hw.example/articles/abcd"


def test_rights_hold_in_feeds() -> None:
    long = "word " * 200 + "secret ending"
    item = article_item(article(text=long, rights="excerpt"))
    assert "secret" not in item.html
    assert len(item.html) < 400


def test_an_empty_article_and_an_empty_feed_are_valid() -> None:
    for form in (atom, rss):
        assert read(form(feed())).entries == []
        (entry,) = read(form(feed(article_item(article(title="", text="", url="ftp://x/y"))))).entries
        assert entry.title == "(no title)"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a", True),
        ("http://[::1]/", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("data:text/html,x", False),
        ("https://", False),
        ("http://[broken", False),
        ("https://example.org/\x00", False),
    ],
)
def test_only_addresses_of_the_web_are_linked(url: str, safe: bool) -> None:
    assert web_address(url) == (url if safe else "")
