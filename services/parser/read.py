"""Reads one document: bytes → title, clean text and metadata, with everything that was taken away explained.

Pure and deterministic: the same bytes, address, feed entry and fetch time give the same reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from services.parser import dates
from services.parser.boilerplate import Cleaned, clean
from services.parser.decode import Decoded, binary_kind, decode, repair, repair_markup
from services.parser.extract import LARGEST_PAGE, is_fragment, looks_like_html, page_lines, parse_html
from services.parser.language import detect
from services.parser.lines import Line, from_lines, key_of, same_headline, tidy
from services.parser.metadata import PageMetadata, author_names, byline_authors, page_metadata, summary_of
from services.parser.plain_text import find_title, read_plain, without_readings
from shared.contracts.article import Image, Precision, Removed
from shared.contracts.messages import FeedEntry

# Grows with every change of what is read from a document.
READ_VERSION = 3
LARGEST_BODY = 32 * 1024 * 1024
LARGEST_TEXT = 1_000_000
MOST_LINES = 20_000
LONGEST_REMOVED = 2_000
_HTML = ("text/html", "application/xhtml+xml")
_TEXT = ("", "text/plain", "text/markdown", "text/xml", "application/xml", "application/octet-stream")


class NotAnArticle(Exception):
    """The document holds no article: the end of its journey, not a failure. The text says why."""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as read. Times are UTC; `canonical_url` is what the page declares, made absolute."""

    title: str
    text: str
    summary: str
    authors: tuple[str, ...]
    published_at: datetime | None
    published_precision: Precision | None
    published_from: str | None
    modified_at: datetime | None
    language: str
    image: Image | None
    canonical_url: str | None
    removed: tuple[Removed, ...]
    repaired: bool


@dataclass(frozen=True, slots=True)
class _Source:
    """A document before cleaning: its title, lines and, for HTML, what the page declares."""

    title: str
    lines: tuple[Line, ...]
    page: PageMetadata
    removed: tuple[Removed, ...]
    repaired: bool
    tree: HtmlElement | None = None

    @property
    def whole_page(self) -> bool:
        return self.tree is not None and not is_fragment(self.tree)


def read_document(
    body: bytes,
    *,
    media_type: str,
    charset: str | None,
    url: str,
    entry: FeedEntry | None,
    fetched_at: datetime,
) -> ReadDocument:
    """Read one document.

    Raises `NotAnArticle` for what holds no article (empty, binary, nothing but furniture) and
    `shared.errors.BadMessage` for what cannot be read within bounds.
    """
    decoded, is_html = _decoded(body, media_type, charset, url)
    source = _from_html(decoded, url, entry) if is_html else _from_text(decoded, url, entry)
    cleaned = _cleaned(source, url)
    text = from_lines(cleaned.lines)
    published = dates.choose(_date_candidates(source, url, entry, fetched_at), fetched_at)
    hint = source.page.language or (entry.language if entry else None)
    return ReadDocument(
        title=source.title,
        text=text,
        summary=summary_of(source.page.description, source.title, [line.text for line in cleaned.lines]),
        authors=_authors(source, cleaned, entry),
        published_at=published.moment.at if published else None,
        published_precision=published.moment.precision if published else None,
        published_from=published.origin if published else None,
        modified_at=_modified(source, entry, fetched_at, published),
        language=detect(f"{source.title}\n{text}", hint),
        image=source.page.image,
        canonical_url=source.page.canonical_url,
        removed=_bounded((*source.removed, *cleaned.removed)),
        repaired=source.repaired or decoded.damaged,
    )


def _cleaned(source: _Source, url: str) -> Cleaned:
    cleaned = clean(source.lines, source.title)
    if not _says_something(cleaned) and not source.whole_page:
        # A note or feed entry of one line: its title is all the text it has.
        cleaned = clean(source.lines, "")
    if not _says_something(cleaned):
        raise NotAnArticle(f"{url}: nothing is left of the document once furniture is removed")
    return cleaned


def _in_bounds(lines: tuple[Line, ...], url: str) -> tuple[Line, ...]:
    size = sum(len(line.text) for line in lines)
    if size > LARGEST_TEXT or len(lines) > MOST_LINES:
        raise NotAnArticle(
            f"{url}: too large: {size:,} characters of text in {len(lines):,} lines; "
            f"an article has at most {LARGEST_TEXT:,} in {MOST_LINES:,}"
        )
    return lines


def _says_something(cleaned: Cleaned) -> bool:
    return any(c.isalnum() for line in cleaned.lines for c in line.text)


def _decoded(body: bytes, media_type: str, charset: str | None, url: str) -> tuple[Decoded, bool]:
    kind = media_type.split(";")[0].strip().lower()
    if not body.strip():
        raise NotAnArticle(f"{url}: the document is empty")
    if len(body) > LARGEST_BODY:
        raise NotAnArticle(f"{url}: too large: {len(body):,} bytes; at most {LARGEST_BODY:,} are read")
    if (binary := binary_kind(body)) or kind.startswith(("image/", "audio/", "video/", "font/")):
        raise NotAnArticle(f"{url}: not text: {binary or kind}")
    decoded = decode(body, charset, html=kind not in ("text/plain", "text/markdown"))
    if kind in _HTML:
        return decoded, True
    if kind not in _TEXT and not kind.startswith("text/"):
        raise NotAnArticle(f"{url}: documents of type {kind} are not read")
    is_html = looks_like_html(decoded.text)
    if not is_html and len(decoded.text) > LARGEST_PAGE:
        raise NotAnArticle(
            f"{url}: too large: {len(decoded.text):,} characters; at most {LARGEST_PAGE:,} are read"
        )
    return decoded, is_html


def _from_html(decoded: Decoded, url: str, entry: FeedEntry | None) -> _Source:
    markup = repair_markup(decoded.text)
    tree = parse_html(markup, url)
    page = page_metadata(tree, url)
    lines, noise = without_readings(_in_bounds(page_lines(tree, url), url))
    title = _page_title(page.title, tidy(repair(entry.title)) if entry and entry.title else "", page)
    title = title or find_title(lines, None)
    return _Source(title, lines, page, noise, markup != decoded.text or bool(noise), tree)


def _page_title(told: str, feed: str, page: PageMetadata) -> str:
    """The page's title, unless it is no more than the site's name or knows nothing of the feed's."""
    if not feed or not told:
        return told or feed
    if key_of(told) == key_of(page.site_name) or (
        key_of(told) in key_of(feed) and not same_headline(told, feed)
    ):
        return feed
    return told


def _from_text(decoded: Decoded, url: str, entry: FeedEntry | None) -> _Source:
    document = read_plain(decoded.text)
    told = tidy(repair(entry.title)) if entry and entry.title else None
    lines = _in_bounds(document.lines, url)
    title = find_title(lines, told)
    return _Source(title, lines, PageMetadata(), document.removed, document.repaired)


def _date_candidates(
    source: _Source, url: str, entry: FeedEntry | None, fetched_at: datetime
) -> Iterator[tuple[str, dates.Moment | None]]:
    """Lazily, because the later ones cost time."""
    if entry:
        yield "feed", dates.of_datetime(entry.published or entry.updated)
    for origin, raw in source.page.dates:
        yield origin, dates.parse(raw)
    in_url, dateline = dates.in_url(url), dates.dateline(source.lines)
    yield "page", dates.page_stamp(source.lines, source.title)
    for raw in source.page.times[:1]:
        moment = dates.parse(raw)
        if moment and not _is_today(moment, fetched_at, in_url or dateline):
            yield "page", moment
    if source.tree is not None and not (in_url and in_url.precision == "day"):
        moment = _searched(source.tree, fetched_at)
        if moment and not _is_today(moment, fetched_at, in_url or dateline):
            yield "page", moment
    if in_url and in_url.precision == "day":
        yield "url", in_url
    yield "dateline", dateline
    yield "page", dates.crawl_stamp(source.lines)
    yield "url", in_url


def _is_today(moment: dates.Moment, fetched_at: datetime, other: dates.Moment | None) -> bool:
    """A date equal to the day of the fetch may be a header's "today" where something else names another day."""
    return other is not None and moment.at.date() == fetched_at.date() != other.at.date()


def _searched(tree: HtmlElement, fetched_at: datetime) -> dates.Moment | None:
    """What htmldate finds in the page's markup; its search of free text is off, it takes copyright years."""
    latest = (fetched_at + dates.AHEAD).strftime("%Y-%m-%d")
    try:
        found = find_date(tree, extensive_search=False, original_date=True, max_date=latest, url="")
    except (
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        etree.LxmlError,
        RecursionError,
    ):
        return None
    return dates.parse(found) if found else None


def _modified(
    source: _Source, entry: FeedEntry | None, fetched_at: datetime, published: dates.Published | None
) -> datetime | None:
    """The latest change anybody tells of, when it is not before the publication."""
    told = [dates.parse(raw) for raw in source.page.modified]
    if entry and entry.published:
        told.append(dates.of_datetime(entry.updated))
    told.append(dates.updated_stamp(source.lines))
    since = published.moment.at if published else dates.OLDEST
    return next((m.at for m in told if m and dates.plausible(m, fetched_at) and m.at >= since), None)


def _authors(source: _Source, cleaned: Cleaned, entry: FeedEntry | None) -> tuple[str, ...]:
    if source.page.authors:
        return source.page.authors
    told = tuple(name for raw in (entry.authors if entry else ()) for name in author_names(raw))
    return byline_authors(cleaned.removed) or tuple(dict.fromkeys(told))


def _bounded(removed: tuple[Removed, ...]) -> tuple[Removed, ...]:
    return tuple(
        r
        if len(r.text) <= LONGEST_REMOVED
        else Removed(text=r.text[: LONGEST_REMOVED - 1] + "…", reason=r.reason)
        for r in dict.fromkeys(removed)
    )
