"""Listing pages: the articles that a web page lists, and the feeds it names.

Without a selector the list is found by itself: links to pages of the same site that look like articles, grouped by
where they stand in the page. The group that says most, in the titles of its links, is the list.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import soupsieve
from bs4 import BeautifulSoup, Tag

from services.crawler.found import (
    LONGEST_TITLE,
    Found,
    FoundEntry,
    Unreadable,
    checked_count,
    fingerprint,
    page_address,
)
from shared.contracts.messages import FeedEntry
from shared.identity import same_site

FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
)
MOST_LINKS = 5_000
# A second group counts to the list when it says at least this share of what the first one says.
ALSO = 0.5
# Levels above a link that tell where it stands, and up to which its block is looked for.
LEVELS = 6
_FURNITURE = frozenset({"nav", "header", "footer", "aside", "form", "menu"})
_NO_ARTICLE = re.compile(
    r"/(?:tags?|categor(?:y|ies)|authors?|topics?|sections?|page|search|login|signin|register|subscribe|account|about"
    r"|contact|privacy|terms|cookies?|feeds?|rss|user|users|archives?|wp-login\.php|wp-admin|jobs|shop|cart)(?:/|$)"
    r"|\.(?:pdf|jpe?g|png|gif|webp|svg|mp[34]|zip|docx?|xlsx?|pptx?|xml|rss|atom|css|js|ics)$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)(20\d\d|19\d\d)\s?[-./年]\s?(0?[1-9]|1[0-2])\s?[-./月]\s?(0?[1-9]|[12]\d|3[01])(?!\d)"
)
_SPACE = re.compile(r"\s+")
_FEED_LINK = re.compile(r"(?<![a-z])(?:rss|atom|feeds?)(?![a-z])", re.IGNORECASE)
MOST_FEED_LINKS = 10
# Scripts written without spaces say as much in a third of the characters.
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
LEAST_SAID = 12


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    title: str
    tag: Tag


def read_page(
    content: bytes,
    url: str,
    charset: str | None,
    selector: str | None,
    *,
    list_only: bool = False,
    every_feed: bool = False,
) -> Found:
    """The feeds that a page names (unless `list_only` or there is a selector), else the articles it lists.

    With `every_feed` the links that look like feeds are named too.
    Raises Unreadable when it has neither, or the selector is none.
    """
    soup = BeautifulSoup(content, "lxml", from_encoding=charset)
    base = _base(soup, url)
    title = _said(soup.title) if soup.title else None
    feeds = list(named_feeds(soup, base))
    if every_feed:
        feeds = list(dict.fromkeys([*feeds, *linked_feeds(soup, base)]))
    if feeds and not list_only and not selector:
        return Found(kind="page", title=title, feeds=tuple(feeds))
    links = _selected(soup, base, selector) if selector else _found_by_itself(soup, base, url)
    entries = tuple(_entry(link, links) for link in links)
    checked_count(len(entries))
    if not entries:
        what = f"the selector {selector!r} matches no links" if selector else "no list of articles was found"
        raise Unreadable(f"{what} on the page; name the links with a 'selector' (CSS)")
    return Found(kind="listing", title=title, entries=entries)


def named_feeds(soup: BeautifulSoup, base: str) -> Iterator[str]:
    """The feeds that the page's head names: of articles first, of comments last."""
    found: list[tuple[bool, str]] = []
    for link in soup.find_all("link", href=True, limit=200):
        relations = {str(r).lower() for r in link.get_attribute_list("rel")}
        kind = str(link.get("type") or "").lower().split(";")[0].strip()
        address = _absolute(base, str(link["href"]))
        if "alternate" not in relations or kind not in FEED_TYPES or not address:
            continue
        # WordPress names its API and oEmbed as application/json too.
        if kind == "application/json" and "feed" not in address.lower():
            continue
        said = f"{address} {link.get('title') or ''}".lower()
        found.append(("comment" in said, address))
    yield from dict.fromkeys(address for _, address in sorted(found, key=lambda f: f[0]))


def linked_feeds(soup: BeautifulSoup, base: str) -> Iterator[str]:
    """Links of the page that look as if they led to a feed, for people to choose from."""
    found = (
        address
        for a in soup.find_all("a", href=True, limit=MOST_LINKS)
        if _FEED_LINK.search(f"{a['href']} {_said(a)[:100]}") and (address := _absolute(base, str(a["href"])))
    )
    yield from list(dict.fromkeys(found))[:MOST_FEED_LINKS]


def _base(soup: BeautifulSoup, url: str) -> str:
    base = soup.find("base", href=True)
    return _absolute(url, str(base["href"])) or url if isinstance(base, Tag) else url


def _absolute(base: str, href: str) -> str:
    try:
        return page_address(urljoin(base, href.strip()))
    except ValueError:
        return ""


def _said(tag: Tag) -> str:
    return _SPACE.sub(" ", tag.get_text(" ", strip=True))[:LONGEST_TITLE]


def _selected(soup: BeautifulSoup, base: str, selector: str) -> list[_Link]:
    try:
        chosen = soup.select(selector, limit=MOST_LINKS)
    except (soupsieve.SelectorSyntaxError, NotImplementedError, ValueError) as e:
        first = str(e).splitlines()[0] if str(e) else "it cannot be read"
        raise Unreadable(f"the selector {selector!r} is no CSS selector: {first}") from e
    anchors = (tag if tag.name == "a" else tag.find("a", href=True) for tag in chosen)
    links = (
        _Link(address, _said(a), a)
        for a in anchors
        if isinstance(a, Tag) and (address := _absolute(base, str(a.get("href") or "")))
    )
    return _distinct(links)


def _distinct(links: Iterable[_Link]) -> list[_Link]:
    """Each page once, where it stands first, with the longest title any of its links has."""
    best: dict[str, _Link] = {}
    for link in links:
        known = best.get(link.url)
        if known is None or len(link.title) > len(known.title):
            best[link.url] = link
    return list(best.values())


def _found_by_itself(soup: BeautifulSoup, base: str, url: str) -> list[_Link]:
    groups: dict[tuple[str, ...], list[_Link]] = defaultdict(list)
    for anchor in soup.find_all("a", href=True, limit=MOST_LINKS):
        address = _absolute(base, str(anchor["href"]))
        if _is_candidate(address, url) and not _FURNITURE.intersection(p.name for p in anchor.parents):
            groups[_place(anchor)].append(_Link(address, _said(anchor), anchor))
    lists = [_distinct(group) for group in groups.values()]
    weights = [sum(_weight(link) for link in group) for group in lists]
    if not weights or max(weights) <= 0:
        return []
    chosen = (g for g, w in zip(lists, weights, strict=True) if w >= ALSO * max(weights))
    return [link for link in _distinct(link for group in chosen for link in group) if _weight(link) > 0]


def _is_candidate(address: str, url: str) -> bool:
    if not address or address == page_address(url) or not same_site(address, url):
        return False
    parts = urlsplit(address)
    return not _NO_ARTICLE.search(parts.path) and (parts.path.strip("/") != "" or bool(parts.query))


def _place(anchor: Tag) -> tuple[str, ...]:
    """Where a link stands: the tags and classes above it, without the numbers that make each item its own."""
    levels = [anchor, *list(anchor.parents)[:LEVELS]]
    return tuple(
        " ".join(
            [tag.name, *sorted({re.sub(r"\d+", "", str(c)) for c in tag.get_attribute_list("class") if c})]
        )
        for tag in levels
    )


def _weight(link: _Link) -> float:
    """How much a link looks like an article's; 0 when it does not."""
    said = len(link.title) + 2 * len(_DENSE.findall(link.title))
    if said < LEAST_SAID:
        block = _heading_near(link)
        said = len(block) + 2 * len(_DENSE.findall(block))
        if said < LEAST_SAID:
            return 0.0
    path = urlsplit(link.url).path
    slug = path.rstrip("/").rpartition("/")[2]
    signs = 1.0
    signs += 1.0 if re.search(r"\d", path) or urlsplit(link.url).query else 0.0
    signs += 1.0 if slug.count("-") >= 2 or slug.count("_") >= 2 else 0.0
    signs += 0.5 if path.count("/") >= 2 else 0.0
    return signs * min(said, 100)


def _heading_near(link: _Link) -> str:
    """The heading that a short link ("read more", a picture) belongs to, in the smallest block around it."""
    for block in list(link.tag.parents)[:LEVELS]:
        headings = block.find_all(re.compile(r"^h[1-6]$"), limit=2)
        if len(headings) == 1 and isinstance(headings[0], Tag):
            return _said(headings[0])
        if headings:
            return ""
    return ""


def _entry(link: _Link, links: list[_Link]) -> FoundEntry:
    heading = _heading_near(link)
    title = heading if len(link.title) < LEAST_SAID and heading else link.title
    published = _date_near(link, {other.url for other in links})
    entry = FeedEntry(title=title or None, link=link.url, published=published)
    return FoundEntry(url=link.url, id=link.url, fingerprint=fingerprint(title), entry=entry)


def _date_near(link: _Link, others: set[str]) -> datetime | None:
    """The date in the largest block that holds this link and none of the others."""
    for block in list(link.tag.parents)[:LEVELS]:
        addresses = {str(a.get("href")) for a in block.find_all("a", href=True, limit=20)}
        if len({a for href in addresses if (a := _absolute(link.url, href)) in others}) > 1:
            return None
        time = block.find("time", attrs={"datetime": True})
        if isinstance(time, Tag) and (at := _moment(str(time["datetime"]))):
            return at
        if found := _DATE.search(block.get_text(" ", strip=True)[:2000]):
            return _moment(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}")
    return None


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
