"""Reads one document: bytes → title, clean text and metadata, with everything that was taken away explained.

Pure and deterministic: the same bytes, address, feed entry and fetch time give the same reading.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.parser.boilerplate import Cleaned, Cleaner
from services.parser.bylines import (
    agency_named,
    agency_of,
    as_dateline,
    author_names,
    byline_authors,
    opening_of,
)
from services.parser.decode import Decoded
from services.parser.hidden import UNCLOSED
from services.parser.joining import CleanPage, join
from services.parser.language import detect, language_parts
from services.parser.lines import from_lines, weight
from services.parser.metadata import summary_of
from services.parser.opened import FurtherPage, Opened, open_document, open_html, with_further
from services.parser.refusals import NotAnArticle, SeveralTexts, Walled
from services.parser.templates.learned import NOTHING
from services.parser.templates.template import Template
from services.parser.told_apart.verdict import WALLS, Verdict, page_verdict, text_verdict
from services.parser.video import Video, video_of
from services.parser.when import Seen, When, date_document
from shared.contracts.article import Dateline, Image, LanguagePart, Precision, Removed, ZoneFrom
from shared.contracts.messages import FeedEntry, MissingPart, Source

# Grows with every change of what is read from a document.
READ_VERSION = 5
LONGEST_REMOVED = 2_000
LONGEST_TOLD = 120
LACKS = "a further part of the article, which could not be had"
# In letters of an alphabet: what a feed says that may stand for a page that is not shown.
SHORTEST_STAND_IN = 80


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as read. Times are UTC; `canonical_url` is what the page declares, made absolute.

    `template` names the one it was read with. `content_hash` is of title and text as the document alone gives them:
    knowing more of its source changes the text, and is no revision of it.
    """

    title: str
    deck: str | None
    text: str
    summary: str
    authors: tuple[str, ...]
    agency: str | None
    dateline: Dateline | None
    section: str | None
    published_at: datetime | None
    published_precision: Precision | None
    published_from: str | None
    published_zone: str | None
    published_zone_from: ZoneFrom | None
    modified_at: datetime | None
    language: str
    language_parts: tuple[LanguagePart, ...]
    image: Image | None
    canonical_url: str | None
    removed: tuple[Removed, ...]
    repaired: bool
    template: str | None
    content_hash: str


def read_document(
    body: bytes,
    *,
    media_type: str,
    charset: str | None,
    url: str,
    entry: FeedEntry | None,
    fetched_at: datetime,
    template: Template | None = None,
    told: Source | None = None,
    further: Sequence[FurtherPage] = (),
    missing: Sequence[MissingPart] = (),
) -> ReadDocument:
    """Read one document, with what is known of its source: its template, and what the sources file tells of it.

    `further` are the other pages of the same article, in order; `missing` those that could not be had.

    Raises `NotAnArticle` for what holds no article (empty, binary, an error page, a list of others), `SeveralTexts` for
    what holds more than one, and `shared.errors.BadMessage` for what cannot be read within bounds.
    """
    try:
        source = open_document(body, media_type, charset, url, entry, template)
        if further or missing:
            source = with_further(source, body, further, template)
            lacks = tuple(Removed(text=part.url, reason=f"{LACKS}: {part.why}") for part in missing)
            source = replace(source, removed=(*source.removed, *lacks))
        return _read(source, url, entry, fetched_at, template, told)
    except Walled as e:
        if entry is None or weight(entry.summary or "") < SHORTEST_STAND_IN:
            raise
        source = open_html(Decoded(entry.summary or "", "utf-8", damaged=False), url, entry, None)
        stood = Removed(text=e.stands, reason="stood in the page's place; the text is what the feed says")
        return _read(replace(source, removed=(*source.removed, stood)), url, entry, fetched_at, None, told)


def _read(
    source: Opened,
    url: str,
    entry: FeedEntry | None,
    fetched_at: datetime,
    template: Template | None,
    told: Source | None,
) -> ReadDocument:
    if source.items:
        raise SeveralTexts(f"{url}: {len(source.items)} texts, each for itself", source.items)
    cleaner = Cleaner()
    source, cleaned = _judged(source, url, cleaner)
    text = from_lines(cleaned.lines)
    when = _when(source, url, entry, fetched_at, told)
    published = when.published
    opening = opening_of(source.lines, published.moment.at.date() if published else None)
    hint = source.page.language or (entry.language if entry else None)
    return ReadDocument(
        title=source.title,
        deck=source.page.deck,
        text=text,
        summary=summary_of(source.page.description, source.title, [line.text for line in cleaned.lines]),
        authors=_authors(source, cleaned, entry),
        agency=source.page.agency or agency_of(opening, entry.authors if entry else (), cleaned.removed),
        dateline=as_dateline(opening),
        section=source.page.section,
        published_at=published.moment.at if published else None,
        published_precision=published.moment.precision if published else None,
        published_from=published.origin if published else None,
        published_zone=published.moment.zone if published else None,
        published_zone_from=published.moment.zone_from if published else None,
        modified_at=when.modified,
        language=(language := detect(f"{source.title}\n{text}", hint)),
        language_parts=language_parts(text, language),
        image=source.page.image,
        canonical_url=source.page.canonical_url,
        removed=_bounded((*source.removed, *cleaned.removed)),
        repaired=source.repaired,
        template=template.id if template else None,
        content_hash=_content_hash(source, text, cleaner),
    )


def _content_hash(source: Opened, text: str, cleaner: Cleaner) -> str:
    title = source.title
    if source.learned is not NOTHING or any(page.learned is not NOTHING for page in source.further):
        title = source.title_alone or title
        alone = cleaner.clean(source.lines, title)
        text = from_lines(_joined(source, alone, title, cleaner, learned=False).lines)
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:32]


def _judged(source: Opened, url: str, cleaner: Cleaner) -> tuple[Opened, Cleaned]:
    """The source and what is left of it, once it is clear that it is an article. Raises NotAnArticle."""
    cleaned = _cleaned(source, cleaner)
    said = sum(weight(line.text) for line in cleaned.lines)
    if source.signs and source.tree is not None and (video := video_of(source.tree, source.signs, said)):
        if not video.enough:
            raise NotAnArticle(f"{url}: a video, with a description of {video.weight} letters: no text")
        source = _of_video(source, video)
        return source, cleaner.clean(source.lines, source.title)
    kept = [line.text for line in cleaned.lines]
    verdict = _verdict(source, kept)
    if verdict or not _says_something(cleaned):
        _check_hidden(source, url)
    if verdict:
        raise (
            Walled(f"{url}: {verdict.says}", verdict.says)
            if verdict.kind in WALLS
            else NotAnArticle(f"{url}: {verdict.says}")
        )
    if not _says_something(cleaned):
        raise NotAnArticle(f"{url}: nothing is left of the document once furniture is removed")
    return source, cleaned


def _check_hidden(source: Opened, url: str) -> None:
    """Raise Walled where it is a fault of its markup that a page says nothing."""
    for one in source.removed:
        if one.reason == UNCLOSED:
            beginning = one.text[:LONGEST_TOLD]
            raise Walled(f"{url}: its text stands {UNCLOSED} (“{beginning}…”)", beginning)


def _verdict(source: Opened, kept: list[str]) -> Verdict | None:
    """What it is instead of an article. What a feed says is never judged: it is an entry."""
    if source.signs:
        return page_verdict(source.signs, kept)
    return text_verdict(source.title, kept) if source.tree is None else None


def _of_video(source: Opened, video: Video) -> Opened:
    dates = source.page.dates
    if video.uploaded:
        dates = replace(dates, published=(*dates.published, ("json-ld", video.uploaded)))
    return replace(
        source,
        title=video.title or source.title,
        lines=video.lines,
        page=replace(source.page, dates=dates),
        learned=NOTHING,
    )


def _cleaned(source: Opened, cleaner: Cleaner) -> Cleaned:
    cleaned = cleaner.clean(source.lines, source.title, source.learned.reasons(source.lines, source.title))
    if not _says_something(cleaned):
        cleaned = cleaner.clean(source.lines, source.title)
    if source.further:
        cleaned = _joined(source, cleaned, source.title, cleaner)
    if not _says_something(cleaned) and not source.whole_page:
        # A note or feed entry of one line: its title is all the text it has.
        cleaned = cleaner.clean(source.lines, "")
    return cleaned


def _joined(source: Opened, first: Cleaned, title: str, cleaner: Cleaner, *, learned: bool = True) -> Cleaned:
    """The first page with the further ones. `learned` says whether what is known of their source is used."""
    pages = []
    for page in source.further:
        known = page.learned.reasons(page.lines, title) if learned else ()
        pages.append(CleanPage(page.url, page.role, cleaner.clean(page.lines, title, known)))
    return join(first, pages, title) if pages else first


def _says_something(cleaned: Cleaned) -> bool:
    return any(c.isalnum() for line in cleaned.lines for c in line.text)


def _when(
    source: Opened, url: str, entry: FeedEntry | None, fetched_at: datetime, told: Source | None
) -> When:
    return date_document(
        Seen(
            lines=source.lines,
            title=source.title,
            page=source.page,
            url=url,
            entry=entry,
            fetched_at=fetched_at,
            country=told.country if told else None,
            language=told.language if told else None,
            made=source.made,
        )
    )


def _authors(source: Opened, cleaned: Cleaned, entry: FeedEntry | None) -> tuple[str, ...]:
    if source.page.authors:
        return source.page.authors
    told = (name for raw in (entry.authors if entry else ()) for name in author_names(raw))
    told = (name for name in told if agency_named(name) is None)
    return byline_authors(cleaned.removed) or tuple(dict.fromkeys(told))


def _bounded(removed: tuple[Removed, ...]) -> tuple[Removed, ...]:
    return tuple(
        r
        if len(r.text) <= LONGEST_REMOVED
        else Removed(text=r.text[: LONGEST_REMOVED - 1] + "…", reason=r.reason)
        for r in dict.fromkeys(removed)
    )
