"""Several whole texts on one page or in one PDF: an issue of a newsletter, press releases one below the other.

Each becomes a document of its own, under the address of the whole with its number behind (`…#2`), and goes through the
parser like any other. A page is split only where it says that it is a collection, or where every text has its own date:
an article with headings in it must never fall apart.
"""

import functools
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import zstandard
from msgspec.structs import replace

from services.parser.blocks import Layout
from services.parser.lines import is_body, key_of, weight
from services.parser.pdf.document import PdfText
from services.parser.rule_file import read_rules
from services.parser.told_apart.signs import Signs, shown_blocks
from shared.contracts.messages import FeedEntry, FetchedDocument
from shared.identity import is_item_address, item_address

# Texts that a collection has at least, by what speaks for one, and the weight of each.
NAMED, DATED = 2, 3
LEAST_TEXT = 90
LEAST_OPENING = 200
# Of all items: a note of one line may stand among them.
MOST_WHOLE = 0.6
LARGEST_SHARE = 0.75
MOST_ITEMS = 100
# A heading that is a link, by the share of its letters, and the share of headings that may be.
LINK = 0.6
MOST_LINKED = 0.2
_HEADINGS = ("h1", "h2", "h3", "h4")
_MONTH = r"[^\W\d_]{3,12}\.?"
_DATE = re.compile(
    rf"\W{{0,3}}(?:[^\W\d_]{{2,12}},?\s)?(?:\d{{1,2}}(?:st|nd|rd|th|\.|º|er)?\s(?:de\s)?{_MONTH},?\s(?:de\s)?(?:19|20)\d\d"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d|(?:19|20)\d\d\s?[-./年]\s?\d{{1,2}}\s?[-./月]\s?\d{{1,2}}"
    rf"|\d{{1,2}}[-./]\d{{1,2}}[-./](?:19|20)\d\d|(?:19|20)\d\d년\s?\d{{1,2}}월\s?\d{{1,2}}일)",
    re.IGNORECASE,
)
_ISSUE = re.compile(r"\d")
_STREAMS = frozenset(["LiveBlogPosting", "FAQPage", "QAPage", "DiscussionForumPosting", "HowTo", "Recipe"])
_ARTICLES = re.compile(r"(?:Article|BlogPosting|NewsItem)$")


@dataclass(frozen=True, slots=True)
class Item:
    """One text of several: its heading and its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def weight(self) -> int:
        """Of its text, in letters of an alphabet."""
        return sum(weight(p) for p in self.paragraphs)


@functools.cache
def _collections() -> tuple[re.Pattern[str], re.Pattern[str]]:
    data = read_rules("collections.yaml")
    found = [[raw["pattern"] for raw in data[kind]] for kind in ("issues", "lists")]
    issues, lists = (re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE) for patterns in found)
    return issues, lists


def is_issue(title: str) -> bool:
    """Whether a title names an issue of something that appears again and again: a newsletter and its number or month."""
    return _ISSUE.search(title) is not None and _collections()[0].search(title) is not None


def is_collection(title: str) -> bool:
    """Whether a title names a collection of texts: press releases, news in brief, a newsletter."""
    return any(words.search(title) for words in _collections())


def page_items(page: Layout, signs: Signs, title: str, url: str) -> tuple[Item, ...]:
    """The texts of a page that holds several; none for any other."""
    if is_item_address(url) or signs.kinds & _STREAMS:
        return ()
    names = (title, *signs.names)
    declared = signs.og_type == "article" or any(_ARTICLES.search(kind) for kind in signs.kinds)
    if declared:
        return ()
    named = any(is_issue(n) or is_collection(n) for n in names)
    shown = shown_blocks(page)
    for level in _HEADINGS[1:] + _HEADINGS[:1]:
        headings = [block for block in shown if block.tag == level]
        if sum(block.linked >= LINK for block in headings) > MOST_LINKED * len(headings):
            continue  # they lead to the whole texts, which are elsewhere
        items = _split(((block.text, block.tag == level) for block in shown), title)
        if _are_items(items, named=named):
            return items
    return ()


def pdf_items(document: PdfText, title: str, url: str) -> tuple[Item, ...]:
    """The texts of a PDF that is an issue of a newsletter; none for any other."""
    if is_item_address(url) or not (is_issue(title) or is_issue(" ".join(_first(document)))):
        return ()
    headings = {heading.at for heading in document.headings}
    items = _split(((line.text, at in headings) for at, line in enumerate(document.lines)), title)
    return items if _are_items(items, named=True) else ()


def _first(document: PdfText) -> Sequence[str]:
    removed = [r.text for r in document.removed if r.reason.startswith("running header")]
    return [*removed[:2], *(line.text for line in document.lines[:3])]


def _split(lines: Iterable[tuple[str, bool]], title: str) -> tuple[Item, ...]:
    """What stands under each heading; what is said above the first, where it is a text, under the title of the whole."""
    above: list[str] = []
    items: list[tuple[str, list[str]]] = []
    for text, heading in lines:
        if heading:
            items.append((text, []))
        else:
            (items[-1][1] if items else above).append(text)
    opening = Item(title, tuple(text for text in above if is_body(text)))
    found = [Item(heading, tuple(paragraphs)) for heading, paragraphs in items if paragraphs]
    return (opening, *found) if found and opening.weight >= LEAST_OPENING else tuple(found)


def _are_items(items: Sequence[Item], *, named: bool) -> bool:
    if len(items) > MOST_ITEMS:
        return False
    whole = [i for i in items if i.weight >= LEAST_TEXT and any(is_body(p) for p in i.paragraphs)]
    if len({key_of(i.title) for i in whole}) < (NAMED if named else DATED) or len(whole) < MOST_WHOLE * len(
        items
    ):
        return False
    if max(i.weight for i in whole) > LARGEST_SHARE * sum(i.weight for i in whole):
        return False
    # What is said above the items has no date of its own.
    return named or all(any(_DATE.match(p) for p in i.paragraphs[:2]) for i in items[1:])


def item_documents(document: FetchedDocument, items: Sequence[Item]) -> tuple[FetchedDocument, ...]:
    """A document for each text, fetched when the whole was."""
    return tuple(_document(document, number, item) for number, item in enumerate(items, 1))


def _document(document: FetchedDocument, number: int, item: Item) -> FetchedDocument:
    body = "\n\n".join((item.title, *item.paragraphs)).encode()
    url = item_address(document.url, number)
    language = document.entry.language if document.entry else None
    return replace(
        document,
        url=url,
        final_url=url,
        chain=(),
        entry=FeedEntry(title=item.title, language=language),
        media_type="text/plain",
        headers={"content-type": "text/plain; charset=utf-8"},
        body=zstandard.compress(body),
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
    )
