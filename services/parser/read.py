"""Reads one document: bytes → title, clean text and metadata, with everything that was taken away explained.

Pure and deterministic: the same bytes, address, feed entry and fetch time give the same reading.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from lxml.html import HtmlElement

from services.parser.boilerplate import Cleaned, clean
from services.parser.bylines import (
    agency_named,
    agency_of,
    as_dateline,
    author_names,
    byline_authors,
    opening_of,
)
from services.parser.decode import Decoded, binary_kind, decode, repair, repair_markup
from services.parser.extract import (
    LARGEST_PAGE,
    article_lines,
    is_fragment,
    looks_like_html,
    mended_layout,
    parse_html,
)
from services.parser.items import Item, page_items, pdf_items
from services.parser.language import detect, language_parts
from services.parser.lines import Line, from_lines, tidy, weight
from services.parser.markdown import as_plain
from services.parser.metadata import PageMetadata, page_metadata, summary_of
from services.parser.misread import damage_told
from services.parser.pdf.document import is_pdf, read_pdf
from services.parser.pdf.pages import NoText
from services.parser.plain_text import find_title, read_plain, without_readings
from services.parser.refusals import NotAnArticle, SeveralTexts, Walled
from services.parser.templates.learned import NOTHING, Learned, learned_of_page, learned_of_text
from services.parser.templates.template import Template
from services.parser.titles import feed_title
from services.parser.told_apart.signs import Signs, signs_of
from services.parser.told_apart.verdict import WALLS, Verdict, page_verdict, text_verdict
from services.parser.video import Video, video_of
from services.parser.when import Seen, When, date_document
from shared.contracts.article import Dateline, Image, LanguagePart, Precision, Removed, ZoneFrom
from shared.contracts.messages import FeedEntry, Source

# Grows with every change of what is read from a document.
READ_VERSION = 4
LARGEST_BODY = 32 * 1024 * 1024
LARGEST_TEXT = 1_000_000
MOST_LINES = 20_000
LONGEST_REMOVED = 2_000
# In letters of an alphabet: what a feed says that may stand for a page that is not shown.
SHORTEST_STAND_IN = 80
_HTML = ("text/html", "application/xhtml+xml")
_TEXT = ("", "text/plain", "text/markdown", "text/xml", "application/xml", "application/octet-stream")


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


@dataclass(frozen=True, slots=True)
class _Source:
    """A document before cleaning: its title, lines and, for HTML, what the page declares.

    `learned` is what is known of its source, `title_alone` the title without that knowledge.
    """

    title: str
    lines: tuple[Line, ...]
    page: PageMetadata
    removed: tuple[Removed, ...]
    repaired: bool
    tree: HtmlElement | None = None
    learned: Learned = NOTHING
    title_alone: str = ""
    # The day a PDF was made (ISO 8601); '' for what is none.
    made: str = ""
    signs: Signs | None = None
    items: tuple[Item, ...] = ()

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
    template: Template | None = None,
    told: Source | None = None,
) -> ReadDocument:
    """Read one document, with what is known of its source: its template, and what the sources file tells of it.

    Raises `NotAnArticle` for what holds no article (empty, binary, an error page, a list of others), `SeveralTexts` for
    what holds more than one, and `shared.errors.BadMessage` for what cannot be read within bounds.
    """
    try:
        source = _source(body, media_type, charset, url, entry, template)
        return _read(source, url, entry, fetched_at, template, told)
    except Walled as e:
        if entry is None or weight(entry.summary or "") < SHORTEST_STAND_IN:
            raise
        source = _from_html(Decoded(entry.summary or "", "utf-8", damaged=False), url, entry, None)
        stood = Removed(text=e.stands, reason="stood in the page's place; the text is what the feed says")
        return _read(replace(source, removed=(*source.removed, stood)), url, entry, fetched_at, None, told)


def _read(
    source: _Source,
    url: str,
    entry: FeedEntry | None,
    fetched_at: datetime,
    template: Template | None,
    told: Source | None,
) -> ReadDocument:
    if source.items:
        raise SeveralTexts(f"{url}: {len(source.items)} texts, each for itself", source.items)
    source, cleaned = _judged(source, url)
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
        content_hash=_content_hash(source, text),
    )


def _content_hash(source: _Source, text: str) -> str:
    title = source.title
    if source.learned is not NOTHING:
        title = source.title_alone or title
        text = from_lines(clean(source.lines, title).lines)
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:32]


def _source(
    body: bytes,
    media_type: str,
    charset: str | None,
    url: str,
    entry: FeedEntry | None,
    template: Template | None,
) -> _Source:
    """The document before cleaning, by its kind."""
    if not body.strip():
        raise NotAnArticle(f"{url}: the document is empty")
    if len(body) > LARGEST_BODY:
        raise NotAnArticle(f"{url}: too large: {len(body):,} bytes; at most {LARGEST_BODY:,} are read")
    if is_pdf(body, media_type):
        return _from_pdf(body, url, entry)
    decoded, is_html = _decoded(body, media_type, charset, url)
    if is_html:
        source = _from_html(decoded, url, entry, template)
    elif media_type.startswith("text/markdown"):
        plain, marks = as_plain(decoded.text)
        source = _from_text(replace(decoded, text=plain), url, entry, template)
        source = replace(source, removed=(*marks, *source.removed))
    else:
        source = _from_text(decoded, url, entry, template)
    return replace(source, repaired=source.repaired or decoded.damaged)


def _judged(source: _Source, url: str) -> tuple[_Source, Cleaned]:
    """The source and what is left of it, once it is clear that it is an article. Raises NotAnArticle."""
    cleaned = _cleaned(source)
    said = sum(weight(line.text) for line in cleaned.lines)
    if source.signs and source.tree is not None and (video := video_of(source.tree, source.signs, said)):
        if not video.enough:
            raise NotAnArticle(f"{url}: a video, with a description of {video.weight} letters: no text")
        source = _of_video(source, video)
        return source, clean(source.lines, source.title)
    kept = [line.text for line in cleaned.lines]
    if verdict := _verdict(source, kept):
        raise (
            Walled(f"{url}: {verdict.says}", verdict.says)
            if verdict.kind in WALLS
            else NotAnArticle(f"{url}: {verdict.says}")
        )
    if not _says_something(cleaned):
        raise NotAnArticle(f"{url}: nothing is left of the document once furniture is removed")
    return source, cleaned


def _verdict(source: _Source, kept: list[str]) -> Verdict | None:
    """What it is instead of an article. What a feed says is never judged: it is an entry."""
    if source.signs:
        return page_verdict(source.signs, kept)
    return text_verdict(source.title, kept) if source.tree is None else None


def _of_video(source: _Source, video: Video) -> _Source:
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


def _cleaned(source: _Source) -> Cleaned:
    cleaned = clean(source.lines, source.title, source.learned.reasons(source.lines, source.title))
    if not _says_something(cleaned):
        cleaned = clean(source.lines, source.title)
    if not _says_something(cleaned) and not source.whole_page:
        # A note or feed entry of one line: its title is all the text it has.
        cleaned = clean(source.lines, "")
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


def _from_html(decoded: Decoded, url: str, entry: FeedEntry | None, template: Template | None) -> _Source:
    markup = repair_markup(decoded.text)
    tree = parse_html(markup, url)
    page = page_metadata(tree, url)
    learned = learned_of_page(template, tree, url)
    blocks = mended_layout(tree)
    signs = signs_of(tree, blocks, url) if blocks else None
    article = article_lines(tree, url, blocks)
    lines, noise = without_readings(_in_bounds(article.lines, url))
    title = feed_title(page.title, tidy(repair(entry.title)) if entry and entry.title else "", page.site)
    title = title or find_title(lines, None)
    return _Source(
        title,
        lines,
        page,
        (*damage_told(decoded.text, markup), *article.removed, *noise),
        markup != decoded.text or bool(noise),
        tree,
        learned,
        signs=signs,
        items=page_items(blocks, signs, title, url) if blocks and signs else (),
    )


def _from_text(decoded: Decoded, url: str, entry: FeedEntry | None, template: Template | None) -> _Source:
    document = read_plain(decoded.text)
    told = tidy(repair(entry.title)) if entry and entry.title else None
    lines = _in_bounds(document.lines, url)
    title = alone = find_title(lines, told)
    learned = learned_of_text(template, lines, url)
    if not told and learned is not NOTHING:
        # A letterhead that stands above every text is nobody's title.
        title = find_title([line for line in lines if not learned.furniture(line.text)], told) or alone
    return _Source(
        title,
        lines,
        PageMetadata(),
        document.removed,
        document.repaired,
        learned=learned,
        title_alone=alone,
    )


def _from_pdf(body: bytes, url: str, entry: FeedEntry | None) -> _Source:
    try:
        found = read_pdf(body, url)
    except NoText as e:
        raise NotAnArticle(f"{url}: {e}") from e
    lines = _in_bounds(tuple(Line(repair(line.text), line.gap) for line in found.lines), url)
    told = tidy(repair(entry.title)) if entry and entry.title else None
    title = find_title(lines, told) if told or not found.title else repair(found.title)
    page = PageMetadata(authors=found.authors)
    return _Source(
        title, lines, page, found.removed, repaired=False, made=found.made, items=pdf_items(found, title, url)
    )


def _when(
    source: _Source, url: str, entry: FeedEntry | None, fetched_at: datetime, told: Source | None
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


def _authors(source: _Source, cleaned: Cleaned, entry: FeedEntry | None) -> tuple[str, ...]:
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
