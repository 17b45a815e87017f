"""Sitemaps (sitemaps.org), news sitemaps, and indexes of them."""

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from services.crawler.found import (
    Found,
    FoundEntry,
    Unreadable,
    fingerprint,
    moment,
    page_address,
)
from shared.contracts.messages import FeedEntry

LARGEST = 50 * 1024 * 1024
# Pages of one sitemap that are of interest (it may hold 50,000): the newest ones.
MOST_PAGES = 1_000
# Sitemaps of an index that are looked into each time: the newest ones.
MOST_CHILDREN = 3
_GZIP = b"\x1f\x8b"


def read_sitemap(content: bytes) -> Found:
    """The pages a sitemap names, newest first, or the sitemaps an index names. Raises Unreadable."""
    root = _root(_unpacked(content))
    kind = _name(root)
    if kind == "sitemapindex":
        newest = sorted(_children(root), reverse=True)[:MOST_CHILDREN]
        return Found(kind="sitemap", children=tuple(url for _, url in newest))
    if kind != "urlset":
        raise Unreadable(f"not a sitemap: the document is a <{kind[:40]}>")
    by_page = {entry.url: entry for entry in map(_entry, root) if entry.url}
    oldest = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(
        by_page.values(), key=lambda e: e.entry.published or e.entry.updated or oldest, reverse=True
    )
    return Found(kind="sitemap", entries=tuple(ordered[:MOST_PAGES]))


def looks_like_sitemap(content: bytes) -> bool:
    """Whether the beginning says so."""
    head = content[:2000]
    return content.startswith(_GZIP) or b"<urlset" in head or b"<sitemapindex" in head


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(content, LARGEST)
    except zlib.error as e:
        raise Unreadable(f"not a sitemap: the gzip data is damaged ({e})") from e
    if unpacker.unconsumed_tail:
        raise Unreadable(f"too large: more than {LARGEST} bytes once unpacked")
    return unpacked


def _root(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as e:
        raise Unreadable(f"not a sitemap: {e}") from e
    if root is None:
        raise Unreadable("not a sitemap: there is no XML in it")
    return root


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _children(root: etree._Element) -> Iterator[tuple[str, str]]:
    for child in root:
        told = _values(child)
        if url := page_address(told.get("loc")):
            # ISO 8601 sorts as text, near enough to tell the newest; names often end in the month.
            yield told.get("lastmod") or "", url


def _entry(element: etree._Element) -> FoundEntry:
    told = _values(element)
    url = page_address(told.get("loc"))
    published, updated = _when(told.get("publication_date")), _when(told.get("lastmod"))
    entry = FeedEntry(
        title=(told.get("title") or "")[:1000] or None,
        link=url or None,
        published=published,
        updated=updated,
        language=(told.get("language") or "")[:35] or None,
    )
    return FoundEntry(url=url, id=url, fingerprint=fingerprint(entry.title, moment(published)), entry=entry)


def _values(element: etree._Element) -> dict[str, str]:
    """The texts of an element's descendants by name, the first of each."""
    found: dict[str, str] = {}
    for node in element.iter():
        name = _name(node)
        if name and node.text and node.text.strip():
            found.setdefault(name, node.text.strip())
    return found


def _when(text: str | None) -> datetime | None:
    """W3C date and time: `2026-03-02` up to `2026-03-02T09:00:00+01:00`."""
    try:
        at = datetime.fromisoformat(text or "")
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
