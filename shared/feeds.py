"""Feeds of what was found: Atom, RSS 2.0 and JSON Feed 1.1, for any search and for private feeds of alerts.

Everything in them comes from strangers' pages: text is escaped into HTML of our own, addresses other than of the web
are left out, and what XML cannot hold is removed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from markupsafe import Markup

from shared.contracts.article import Article
from shared.contracts.deliveries import Delivery
from shared.rights import shown

# Characters of an article's text in a feed; the rest is behind the link.
LONGEST_TEXT = 2000
LONGEST_TITLE = 500
GENERATOR = "Heritage Wire"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PARAGRAPHS = re.compile(r"\n\s*\n|\n")


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One entry. `id` is a URN that never changes; `html` is escaped already; `url` is '' where nothing may be linked."""

    id: str
    url: str
    title: str
    html: Markup
    updated: datetime
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    language: str = "und"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `address` is its own, `page` that of the page which shows the same to people."""

    title: str
    address: str
    page: str
    updated: datetime
    items: Sequence[FeedItem] = field(default=())
    description: str = ""


def article_item(article: Article, page: str = "") -> FeedItem:
    """An article as it may be shown. `page` is our own page of it, linked where the article is not on the web."""
    seen = shown(article)
    text = seen.text if len(seen.text) <= LONGEST_TEXT else f"{_cut(seen.text, LONGEST_TEXT)} …"
    tags = [tag.name for tag in seen.alliances if tag.role == "subject"]
    tags += [tag.id for tag in seen.event_types]
    return FeedItem(
        id=f"urn:heritage-wire:article:{seen.id}",
        url=web_address(seen.url) or page,
        title=_title(seen.title),
        html=_paragraphs(text or seen.summary or seen.title),
        updated=_utc(seen.modified_at or seen.fetched_at),
        published=_utc(seen.published_at or seen.first_seen_at),
        authors=tuple(seen.authors) or (seen.source.name,),
        language=seen.language,
        tags=tuple(tags),
    )


def delivery_item(delivery: Delivery, page: str = "") -> FeedItem:
    """An alert as the ledger has it: the article, its event, and the words that prove the match."""
    words = dict.fromkeys(e.text for e in delivery.matched)
    parts = [Markup("<p>{}</p>").format(delivery.source)] if delivery.source else []
    if delivery.event:
        parts.append(Markup("<p>{}</p>").format(delivery.event.title))
    if words:
        found = Markup(", ").join(Markup("<mark>{}</mark>").format(word) for word in words)
        parts.append(Markup("<p>{}</p>").format(found))
    at = _utc(delivery.delivered_at or delivery.created_at)
    return FeedItem(
        id=f"urn:heritage-wire:alert:{delivery.id}",
        url=web_address(delivery.url) or page,
        title=_title(delivery.title),
        html=Markup("\n").join(parts) or _paragraphs(delivery.title),
        updated=at,
        published=at,
        authors=(delivery.source,) if delivery.source else (),
        language=delivery.language,
    )


def atom(feed: Feed) -> bytes:
    """The feed as Atom (RFC 4287)."""
    made: bytes = _generator(feed).atom_str()
    return made


def rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0."""
    made: bytes = _generator(feed).rss_str()
    return made


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON Feed 1.1."""
    return msgspec.json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "description": feed.description or feed.title,
            "home_page_url": feed.page,
            "feed_url": feed.address,
            "items": [_json_item(item) for item in feed.items],
        }
    )


def web_address(url: str) -> str:
    """An address that a reader may follow: http and https alone; '' for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    clean = bool(parts.hostname) and parts.scheme in ("http", "https") and not _NOT_XML.search(url)
    return url if clean else ""


def _json_item(item: FeedItem) -> dict[str, object]:
    made: dict[str, object] = {
        "id": item.id,
        "title": item.title,
        "content_html": _xml_text(item.html),
        "date_modified": item.updated,
        "authors": [{"name": name} for name in item.authors],
        "tags": item.tags,
    }
    if item.url:
        made["url"] = item.url
    if item.published:
        made["date_published"] = item.published
    if item.language != "und":
        made["language"] = item.language
    return made


def _generator(feed: Feed) -> FeedGenerator:
    made = FeedGenerator()
    made.load_extension("dc")
    made.id(feed.address)
    made.title(_title(feed.title))
    made.description(_xml_text(feed.description or feed.title))
    made.generator(GENERATOR)
    made.updated(_utc(feed.updated))
    made.link(href=feed.address, rel="self")
    made.link(href=feed.page, rel="alternate")
    for item in feed.items:
        _fill(made.add_entry(order="append"), item)
    return made


def _fill(entry: FeedEntry, item: FeedItem) -> None:
    entry.id(_xml_text(item.id))
    entry.title(item.title)
    entry.content(_xml_text(item.html), type="html")
    entry.updated(item.updated)
    if item.published:
        entry.published(item.published)
    if item.url:
        entry.link(href=item.url)
    for name in map(_xml_text, item.authors):
        entry.author(name=name)
        entry.dc.dc_creator(name)
    for tag in map(_xml_text, item.tags):
        entry.category(term=tag)


def _paragraphs(text: str) -> Markup:
    parts = [part.strip() for part in _PARAGRAPHS.split(_xml_text(text))]
    return Markup("\n").join(Markup('<p dir="auto">{}</p>').format(part) for part in parts if part)


def _title(text: str) -> str:
    """In one line; a title is text in every format, never markup."""
    line = " ".join(_xml_text(text).split())
    return (line if len(line) <= LONGEST_TITLE else f"{line[:LONGEST_TITLE]}…") or "(no title)"


def _cut(text: str, length: int) -> str:
    space = text.rfind(" ", length // 2, length)
    return text[: space if space > 0 else length]


def _xml_text(text: str) -> str:
    return _NOT_XML.sub("", text)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
