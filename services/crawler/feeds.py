"""Feeds: RSS 0.9x, 1.0 (RDF) and 2.0, Atom, CDF through feedparser; JSON Feed 1 and 1.1.

Pure, and not bounded in time: bytes from strangers are read in a process of its own (`feed_worker`).
"""

import calendar
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
import msgspec

from services.crawler.found import (
    LONGEST_CONTENT,
    LONGEST_SUMMARY,
    Found,
    FoundEntry,
    Unreadable,
    bounded,
    checked_count,
    fingerprint,
    page_address,
)
from shared.contracts.messages import FeedEntry

# Minutes; feeds that ask for more than a week mean something else.
LONGEST_TTL = 7 * 24 * 60
_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}


def read_feed(
    content: bytes, url: str, content_type: str | None = None, longest_content: int | None = LONGEST_CONTENT
) -> Found:
    """The entries of an XML or JSON feed that was fetched from `url`. Raises Unreadable."""
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return _json_feed(content, url, longest_content)
    headers = {"content-type": content_type} if content_type else {}
    if url.startswith(("http://", "https://")):
        headers["content-location"] = url
    parsed = feedparser.parse(
        content, sanitize_html=False, resolve_relative_uris=False, response_headers=headers
    )
    if not parsed.entries and not parsed.get("version"):
        raise Unreadable(f"not a feed: {_fault(parsed, content)}")
    checked_count(len(parsed.entries))
    version = str(parsed.get("version"))
    told = (_xml_entry(number, entry, parsed.feed, version) for number, entry in enumerate(parsed.entries))
    entries = tuple(_found(id, entry, url, longest_content) for id, entry in told)
    return Found(
        kind="feed", title=_text(parsed.feed.get("title")), entries=_distinct(entries), ttl=_ttl(parsed.feed)
    )


def _fault(parsed: Any, content: bytes) -> str:
    if not content.strip():
        return "the answer is empty"
    if re.search(rb"<html[\s>]|<!doctype html", content[:2000], re.IGNORECASE):
        return "it is a web page"
    fault = str(parsed.get("bozo_exception") or "no feed format was recognised")
    return " ".join(fault.split())[:200]


def _found(id: str, told: FeedEntry, feed_url: str, longest_content: int | None) -> FoundEntry:
    link = told.link.strip() if told.link else ""
    address = page_address(urljoin(feed_url, link)) if link and _joins(feed_url, link) else ""
    return FoundEntry(
        url=address,
        id=id[:500],
        fingerprint=fingerprint(told.title, told.summary, told.content),
        entry=bounded(msgspec.structs.replace(told, link=address or told.link), longest_content),
    )


def _joins(base: str, link: str) -> bool:
    try:
        urljoin(base, link)
    except ValueError:
        return False
    return True


def _distinct(entries: tuple[FoundEntry, ...]) -> tuple[FoundEntry, ...]:
    """Each page once: feeds name some twice, the first time being the newest."""
    by_page: dict[str, FoundEntry] = {}
    for entry in entries:
        by_page.setdefault(entry.url or f"id:{entry.id}", entry)
    return tuple(by_page.values())


def _ttl(feed: Any) -> float:
    """Seconds: RSS `ttl` (minutes), else the syndication module's period and frequency."""
    told = str(feed.get("ttl") or "").strip()
    if told.isascii() and told.isdigit() and len(told) < 9:
        return 60.0 * min(int(told), LONGEST_TTL)
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    frequency = str(feed.get("sy_updatefrequency") or "1").strip()
    if period and frequency.isascii() and frequency.isdigit() and 0 < int(frequency[:6]) < 100_000:
        return min(period / int(frequency[:6]), 60.0 * LONGEST_TTL)
    return 0.0


def _xml_entry(number: int, entry: Any, feed: Any, version: str) -> tuple[str, FeedEntry]:
    authors = [a.get("name") for a in entry.get("authors", [])] or [entry.get("author")]
    summary, content = _texts(entry)
    published = _when(entry.get("published_parsed"))
    # `get` would find the time of publication instead, with a warning.
    updated = _when(dict(entry).get("updated_parsed"))
    if published is None and version.startswith("rss"):
        # RSS knows no time of change; what it has (`dc:date`) is that of publication.
        published, updated = updated, None
    told = FeedEntry(
        title=_text(entry.get("title")),
        link=_link(entry),
        summary=summary,
        content=content,
        published=published,
        updated=updated,
        authors=tuple(a for a in authors if isinstance(a, str) and a.strip()),
        language=_text(entry.get("language") or feed.get("language")),
    )
    return str(entry.get("id") or told.link or number), told


def _texts(entry: Any) -> tuple[str | None, str | None]:
    """Summary and content. A feed that has but one of them may mean either: a long one is content."""
    summary = _text(entry.get("summary"))
    contents = [c.get("value", "") for c in entry.get("content", [])]
    content = max([*contents, ""], key=len) or None
    if content is None and summary and len(summary) > LONGEST_SUMMARY:
        return None, summary
    return (None if summary == content else summary), content


def _link(entry: Any) -> str | None:
    """The entry's page: its link, else the alternate one, else an enclosure-free id that is an address."""
    link = entry.get("link")
    if not link:
        links = (x.get("href") for x in entry.get("links", []) if x.get("rel") == "alternate")
        link = next(links, None) or (entry.get("id") if page_address(entry.get("id")) else None)
    return link if isinstance(link, str) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _when(parsed: Any) -> datetime | None:
    """feedparser's struct_time, which is UTC; a year that no calendar has is no date."""
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None


class _Author(msgspec.Struct):
    name: str | None = None


class _Item(msgspec.Struct):
    id: str | int | float | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    author: _Author | None = None
    authors: list[_Author] | None = None
    language: str | None = None


class _JsonFeed(msgspec.Struct):
    items: list[_Item]
    version: str = ""
    title: str | None = None
    language: str | None = None
    author: _Author | None = None
    authors: list[_Author] | None = None


class _Hit(msgspec.Struct):
    url: str
    title: str | None = None
    seendate: str | None = None
    language: str | None = None


class _Hits(msgspec.Struct):
    """GDELT's list of articles (`mode=artlist&format=json`)."""

    articles: list[_Hit]


def _json_feed(content: bytes, url: str, longest_content: int | None) -> Found:
    try:
        feed = msgspec.json.decode(content.lstrip(b"\xef\xbb\xbf"), type=_JsonFeed)
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        hits = _hits(content)
        if hits is None:
            raise Unreadable(f"not a feed: JSON, but no JSON Feed: {e}") from e
        told = ((hit.url, _hit_entry(hit)) for hit in hits.articles[: checked_count(len(hits.articles))])
        return Found(
            kind="feed",
            entries=_distinct(tuple(_found(id, entry, url, longest_content) for id, entry in told)),
        )
    checked_count(len(feed.items))
    entries = tuple(_found(id, entry, url, longest_content) for id, entry in _json_entries(feed))
    return Found(kind="feed", title=feed.title, entries=_distinct(entries))


def _hits(content: bytes) -> _Hits | None:
    try:
        return msgspec.json.decode(content, type=_Hits)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _hit_entry(hit: _Hit) -> FeedEntry:
    return FeedEntry(title=hit.title, link=hit.url)


def _json_entries(feed: _JsonFeed) -> Iterator[tuple[str, FeedEntry]]:
    everybody = feed.authors or ([feed.author] if feed.author else [])
    for number, item in enumerate(feed.items):
        authors = item.authors or ([item.author] if item.author else None) or everybody
        content = item.content_html or (html.escape(item.content_text) if item.content_text else None)
        told = FeedEntry(
            title=item.title,
            link=item.url or item.external_url,
            summary=item.summary,
            content=content,
            published=_iso(item.date_published),
            updated=_iso(item.date_modified),
            authors=tuple(a.name for a in authors if a.name),
            language=item.language or feed.language,
        )
        yield str(item.id if item.id is not None else item.url or number), told


def _iso(text: str | None) -> datetime | None:
    """RFC 3339; a time without a zone is taken as UTC."""
    try:
        at = datetime.fromisoformat((text or "").strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
