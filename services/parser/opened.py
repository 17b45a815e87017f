"""A document opened: its title, lines and, for HTML, what the page declares, before anything is cleaned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lxml.html import HtmlElement

from services.parser.decode import Decoded, binary_kind, decode, repair, repair_markup
from services.parser.extract import (
    LARGEST_PAGE,
    MOST_TAGS,
    article_lines,
    is_fragment,
    looks_like_html,
    mended_layout,
    parse_html,
)
from services.parser.hidden import hidden_text
from services.parser.items import Item, page_items, pdf_items
from services.parser.lines import Line, tidy
from services.parser.markdown import as_plain
from services.parser.metadata import PageMetadata, page_metadata
from services.parser.misread import damage_told
from services.parser.pdf.document import is_pdf, read_pdf
from services.parser.pdf.pages import NoText
from services.parser.plain_text import find_title, read_plain, without_readings
from services.parser.refusals import NotAnArticle
from services.parser.templates.learned import NOTHING, Learned, learned_of_page, learned_of_text
from services.parser.templates.template import Template
from services.parser.titles import feed_title
from services.parser.told_apart.signs import Signs, signs_of
from services.parser.told_apart.verdict import WALLS, page_verdict
from shared.contracts.article import Removed
from shared.contracts.messages import FeedEntry
from shared.errors import BadMessage

LARGEST_BODY = 32 * 1024 * 1024
LARGEST_TEXT = 1_000_000
MOST_LINES = 20_000
# What the server sent in place of a further page.
IN_PLACE = WALLS | {"missing", "failed", "search", "parked"}
_HTML = ("text/html", "application/xhtml+xml")
_TEXT = ("", "text/plain", "text/markdown", "text/xml", "application/xml", "application/octet-stream")


@dataclass(frozen=True, slots=True)
class FurtherPage:
    """A further page of an article, as fetched."""

    url: str
    role: Literal["part", "whole"]
    body: bytes
    media_type: str
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """A further page of an article, opened: its lines, and what is known of them."""

    url: str
    role: Literal["part", "whole"]
    lines: tuple[Line, ...]
    learned: Learned


@dataclass(frozen=True, slots=True)
class Opened:
    """A document before cleaning: its title, lines and, for HTML, what the page declares.

    `learned` is what is known of its source, `title_alone` the title without that knowledge. `further` are the other
    pages of the same article.
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
    further: tuple[OpenedPage, ...] = ()

    @property
    def whole_page(self) -> bool:
        """Whether it is a page, not a piece of one or a text."""
        return self.tree is not None and not is_fragment(self.tree)


def open_document(
    body: bytes,
    media_type: str,
    charset: str | None,
    url: str,
    entry: FeedEntry | None,
    template: Template | None,
) -> Opened:
    """The document, by its kind. Raises `NotAnArticle`, and `shared.errors.BadMessage` for what defies reading."""
    if not body.strip():
        raise NotAnArticle(f"{url}: the document is empty")
    if len(body) > LARGEST_BODY:
        raise NotAnArticle(f"{url}: too large: {len(body):,} bytes; at most {LARGEST_BODY:,} are read")
    if is_pdf(body, media_type):
        return _from_pdf(body, url, entry)
    decoded, is_html = _decoded(body, media_type, charset, url)
    if is_html:
        source = open_html(decoded, url, entry, template)
    elif media_type.startswith("text/markdown"):
        plain, marks = as_plain(decoded.text)
        source = _from_text(replace(decoded, text=plain), url, entry, template)
        source = replace(source, removed=(*marks, *source.removed))
    else:
        source = _from_text(decoded, url, entry, template)
    return replace(source, repaired=source.repaired or decoded.damaged)


def with_further(
    first: Opened, body: bytes, pages: Sequence[FurtherPage], template: Template | None
) -> Opened:
    """The document with the further pages of its article, which are no texts of their own. What cannot be read of them, or
    would be too much, is left out and said so: all pages together take no more than one may."""
    tags, size = body.count(b"<"), sum(len(line.text) for line in first.lines)
    opened: list[OpenedPage] = []
    notes: list[Removed] = []
    for page in pages:
        its_tags = page.body.count(b"<")
        try:
            if tags + its_tags > MOST_TAGS:
                raise NotAnArticle("with it the article would take too long to read")
            tags += its_tags
            found = open_document(page.body, page.media_type, page.charset, page.url, None, template)
            its_size = sum(len(line.text) for line in found.lines)
            if size + its_size > LARGEST_TEXT:
                raise NotAnArticle("with it the article would be too long")
            if verdict := _no_part(found):
                raise NotAnArticle(verdict)
        except (NotAnArticle, BadMessage) as e:
            notes.append(
                Removed(text=page.url, reason=f"a further part of the article, which is not read: {e}")
            )
            continue
        size += its_size
        opened.append(OpenedPage(page.url, page.role, found.lines, found.learned))
        notes += found.removed
    return replace(first, items=(), further=tuple(opened), removed=(*first.removed, *notes))


def _no_part(page: Opened) -> str:
    """What stands in the place of a further page, in words; '' for nothing. A part may say little."""
    verdict = page_verdict(page.signs, [line.text for line in page.lines]) if page.signs else None
    return verdict.says if verdict and verdict.kind in IN_PLACE else ""


def in_bounds(lines: tuple[Line, ...], url: str) -> tuple[Line, ...]:
    """The lines, if they are no more than an article has. Raises NotAnArticle."""
    size = sum(len(line.text) for line in lines)
    if size > LARGEST_TEXT or len(lines) > MOST_LINES:
        raise NotAnArticle(
            f"{url}: too large: {size:,} characters of text in {len(lines):,} lines; "
            f"an article has at most {LARGEST_TEXT:,} in {MOST_LINES:,}"
        )
    return lines


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


def open_html(decoded: Decoded, url: str, entry: FeedEntry | None, template: Template | None) -> Opened:
    """A page, or a piece of one as feeds carry it."""
    markup = repair_markup(decoded.text)
    tree = parse_html(markup, url)
    hidden = hidden_text(markup, tree)
    page = page_metadata(tree, url)
    learned = learned_of_page(template, tree, url)
    blocks = mended_layout(tree)
    signs = signs_of(tree, blocks, url) if blocks else None
    article = article_lines(tree, url, blocks)
    lines, noise = without_readings(in_bounds(article.lines, url))
    title = feed_title(page.title, tidy(repair(entry.title)) if entry and entry.title else "", page.site)
    title = title or find_title(lines, None)
    return Opened(
        title,
        lines,
        page,
        (*damage_told(decoded.text, markup), *hidden, *article.removed, *noise),
        markup != decoded.text or bool(noise),
        tree,
        learned,
        signs=signs,
        items=page_items(blocks, signs, title, url) if blocks and signs else (),
    )


def _from_text(decoded: Decoded, url: str, entry: FeedEntry | None, template: Template | None) -> Opened:
    document = read_plain(decoded.text)
    told = tidy(repair(entry.title)) if entry and entry.title else None
    lines = in_bounds(document.lines, url)
    title = alone = find_title(lines, told)
    learned = learned_of_text(template, lines, url)
    if not told and learned is not NOTHING:
        # A letterhead that stands above every text is nobody's title.
        title = find_title([line for line in lines if not learned.furniture(line.text)], told) or alone
    return Opened(
        title,
        lines,
        PageMetadata(),
        document.removed,
        document.repaired,
        learned=learned,
        title_alone=alone,
    )


def _from_pdf(body: bytes, url: str, entry: FeedEntry | None) -> Opened:
    try:
        found = read_pdf(body, url)
    except NoText as e:
        raise NotAnArticle(f"{url}: {e}") from e
    lines = in_bounds(tuple(Line(repair(line.text), line.gap) for line in found.lines), url)
    told = tidy(repair(entry.title)) if entry and entry.title else None
    title = find_title(lines, told) if told or not found.title else repair(found.title)
    page = PageMetadata(authors=found.authors)
    return Opened(
        title, lines, page, found.removed, repaired=False, made=found.made, items=pdf_items(found, title, url)
    )
