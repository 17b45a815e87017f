"""What was found at a source's address: its entries, or where its entries are."""

import hashlib
from datetime import datetime
from typing import Literal

from shared.contracts.article import Struct
from shared.contracts.messages import FeedEntry
from shared.identity import normalise

MOST_ENTRIES = 10_000
LONGEST_TITLE = 1_000
LONGEST_SUMMARY = 10_000
LONGEST_LINK = 4_000
# Bytes of an entry's own content that travel with the request for its page.
LONGEST_CONTENT = 96 * 1024
MOST_AUTHORS = 20

FoundKind = Literal["feed", "sitemap", "listing", "page"]


class Unreadable(Exception):
    """What is at the address is no feed, sitemap or list that can be read. The text says why."""


class FoundEntry(Struct, frozen=True, kw_only=True):
    """One entry: the page it links to, in normal form ('' when it links to none), and its id in the feed.

    `fingerprint` changes when what the feed says of the page changes.
    """

    url: str
    id: str
    fingerprint: str
    entry: FeedEntry


class Found(Struct, frozen=True, kw_only=True):
    """What is at an address. `ttl` is how many seconds the feed asks to be left alone.

    `feeds` are the feeds that a web page names; `children` the sitemaps that a sitemap index names, newest first.
    """

    kind: FoundKind
    title: str | None = None
    entries: tuple[FoundEntry, ...] = ()
    ttl: float = 0.0
    feeds: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


def page_address(link: object) -> str:
    """The normal form of a web address; '' for everything else (mail, scripts, files, nonsense)."""
    if not isinstance(link, str) or len(link) > LONGEST_LINK:
        return ""
    try:
        address = normalise(link)
    except ValueError:
        return ""
    return address if address.startswith(("http://", "https://")) else ""


def fingerprint(*said: str | None) -> str:
    """A short mark of what was said."""
    return hashlib.sha256("\x1f".join(s or "" for s in said).encode("utf-8", "replace")).hexdigest()[:24]


def bounded(entry: FeedEntry, longest_content: int | None = LONGEST_CONTENT) -> FeedEntry:
    """The entry with nothing too long in it. Content that is too long goes: half an article is none."""
    content = entry.content
    if longest_content is not None and content and len(content.encode("utf-8", "replace")) > longest_content:
        content = None
    return FeedEntry(
        title=_cut(entry.title, LONGEST_TITLE),
        link=entry.link if len(entry.link or "") <= LONGEST_LINK else None,
        summary=_cut(entry.summary, LONGEST_SUMMARY),
        content=content,
        published=entry.published,
        updated=entry.updated,
        authors=tuple(a[:200] for a in entry.authors[:MOST_AUTHORS]),
        language=_cut(entry.language, 35),
    )


def _cut(text: str | None, longest: int) -> str | None:
    return text[:longest] if text else None


def checked_count(count: int) -> int:
    """The count, when it is no more than anybody needs. Raises Unreadable."""
    if count > MOST_ENTRIES:
        raise Unreadable(f"too large: {count} entries, at most {MOST_ENTRIES} are read")
    return count


def moment(at: datetime | None) -> str:
    """A time as part of a fingerprint."""
    return at.isoformat() if at else ""
