"""What is at a source's address? One function over bytes; run in a process of its own (`feed_worker`)."""

import re
from collections.abc import Callable

from services.crawler.feeds import read_feed
from services.crawler.found import LONGEST_CONTENT, Found, Unreadable
from services.crawler.listing import read_page
from services.crawler.sitemaps import looks_like_sitemap, read_sitemap
from shared.contracts.article import Struct

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HTML = re.compile(rb"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_FEED = re.compile(rb"<(?:rss|feed|rdf:rdf|channel)[\s>]", re.IGNORECASE)


class Question(Struct, frozen=True, kw_only=True):
    """Bytes that were fetched from `url`, with what the server and the source say they are.

    Of a feed's entries that are `whole`, all content is wanted: it is not cut to what travels with a request.
    """

    content: bytes
    url: str
    content_type: str | None = None
    kind: str | None = None
    selector: str | None = None
    every_feed: bool = False
    whole: bool = False


# Asks for what was found; raises Unreadable.
Read = Callable[[Question], Found]


def read_source(question: Question) -> Found:
    """The entries at an address, or where they are. Raises Unreadable.

    A source's kind holds where it has one; otherwise the content tells.
    """
    content, told = question.content, question.content_type
    kind = "listing" if question.selector else question.kind or kind_of(content, told)
    if kind == "sitemap":
        return read_sitemap(content)
    if kind == "listing":
        return read_page(
            content,
            question.url,
            _charset(told),
            question.selector,
            list_only=question.kind == "listing",
            every_feed=question.every_feed,
        )
    if kind == "query" and not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"<")):
        raise Unreadable(
            f"the search answers: {' '.join(content[:300].decode('utf-8', 'replace').split())[:200]}"
        )
    if not content.strip():
        raise Unreadable("not a feed: the answer is empty")
    return read_feed(content, question.url, told, None if question.whole else LONGEST_CONTENT)


def kind_of(content: bytes, content_type: str | None) -> str:
    """`feed`, `sitemap` or `listing`, by the beginning of the content; what HTTP says decides where that is mute."""
    head = content[:4000]
    if looks_like_sitemap(content):
        return "sitemap"
    if _FEED.search(head) and not _HTML.search(head[:500]):
        return "feed"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return "feed"
    return "listing" if _HTML.search(head) or "html" in (content_type or "") else "feed"


def _charset(content_type: str | None) -> str | None:
    found = _CHARSET.search(content_type or "")
    return found[1] if found else None
